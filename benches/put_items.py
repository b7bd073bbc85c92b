#!/usr/bin/env python3
"""Many items into one table: `put-items` beside boto3's batch_writer, on the same server.

    benches/put_items.py OSEM PYTHON [--items N] [--runs N] [--server NAME=URL]...

OSEM is a release build, PYTHON an interpreter with boto3. The embedded emulator is always measured, served
by `osem local` in a process of its own; each --server is a DynamoDB-compatible server on this machine.
Every run has a new, empty table. Prints a table of medians: wall time of the whole client process, and its
peak resident memory.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TABLE = "bench-dev-Users"
PROJECT = """\
osem 1
project bench { table-name "bench-{env}-{table}"; }
environment local default=#true { region us-east-1; emulator; allow-destroy; }
environment dev { region us-east-1; allow-destroy; }
table Users hash=userId
task setup { for-each table { step create-table; step wait-active; }; }
task clear { allow-in dev; for-each table { step delete-table missing=ok nonempty=allow; step wait-deleted; }; }
task keep { for-each table { step put-items file="items.jsonl"; }; }
task overwrite { allow-in dev; for-each table { step put-items file="items.jsonl" on-existing=overwrite; }; }
"""
BATCH_WRITER = """\
import json, sys
from decimal import Decimal
import boto3
url, table, file = sys.argv[1:]
table = boto3.resource("dynamodb", endpoint_url=url, region_name="us-east-1").Table(table)
with open(file) as lines, table.batch_writer() as batch:
    for line in lines:
        batch.put_item(Item=json.loads(line, parse_float=Decimal))
"""
KEYS = {"AWS_ACCESS_KEY_ID": "osem", "AWS_SECRET_ACCESS_KEY": "osem"}


def write_items(path, count):
    """Items of some 200 bytes."""
    with open(path, "w") as file:
        for n in range(count):
            item = {"userId": f"{n:08}-6513-270e-269e-4d37b2a74de4", "name": f"User number {n}",
                    "email": f"user.{n}@ladders.example", "createdAt": 1767225600000 + n,
                    "active": n % 3 > 0, "roles": ["member", "manager"], "place": {"x": n, "y": 0.5}}
            file.write(json.dumps(item) + "\n")


def measure(command, folder):
    """Seconds, and mebibytes at the most."""
    started = time.perf_counter()
    with open(Path(folder) / "log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log,
                                   env={"PATH": os.environ["PATH"], "HOME": folder, **KEYS})
        _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    if status:
        sys.exit(f"{command}: status {status}\n{(Path(folder) / 'log').read_text()}")
    return took, usage.ru_maxrss / 1024


def clients(osem, python, url):
    """Each client with its command."""
    run = [osem, "run", "--env", "dev", "--endpoint-url", url, "--confirm", "dev", "-q"]
    return {
        "osem on-existing=keep": [*run, "keep"],
        "osem, again": [*run, "keep"],
        "osem on-existing=overwrite": [*run, "overwrite"],
        "boto3 batch_writer": [python, "batch_writer.py", url, TABLE, "items.jsonl"],
    }


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("osem")
    parser.add_argument("python")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--server", action="append", default=[])
    args = parser.parse_args()
    osem = str(Path(args.osem).resolve())
    with tempfile.TemporaryDirectory(prefix="osem-put-items-") as folder:
        Path(folder, "osem.kdl").write_text(PROJECT)
        Path(folder, "batch_writer.py").write_text(BATCH_WRITER)
        write_items(Path(folder, "items.jsonl"), args.items)
        local = subprocess.Popen([osem, "local", "--port", "0"], cwd=folder, text=True,
                                 stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"], "HOME": folder})
        try:
            url = None
            while url is None:
                url = re.search(r"http://127\.0\.0\.1:\d+", local.stdout.readline())
            servers = {"embedded emulator": url.group(),
                       **dict(server.split("=", 1) for server in args.server)}
            print(f"{args.items} items, medians of {args.runs} runs\n")
            print("| server | client | seconds | items a second | peak memory |")
            print("|---|---|---|---|---|")
            for name, url in servers.items():
                measured = {}
                for _ in range(args.runs):
                    for client, command in clients(osem, args.python, url).items():
                        if client != "osem, again":
                            run = [osem, "run", "--env", "dev", "--endpoint-url", url, "--confirm", "dev", "-q"]
                            measure([*run, "clear"], folder)
                            measure([*run, "setup"], folder)
                        measured.setdefault(client, []).append(measure(command, folder))
                for client, runs in measured.items():
                    took = statistics.median(took for took, _ in runs)
                    memory = statistics.median(memory for _, memory in runs)
                    print(f"| {name} | {client} | {took:.1f} | {args.items / took:,.0f} | {memory:.0f} MiB |",
                          flush=True)
        finally:
            local.terminate()
            local.wait()


if __name__ == "__main__":
    main()
