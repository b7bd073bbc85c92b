"""Free ports, and the wait for a server that was just started.

    probe.py port
        prints a loopback port that is free now
    probe.py wait PID PORT SECONDS
        returns when the server answers HTTP on 127.0.0.1:PORT and no process of
        its session listens anywhere else; exits 3 when the process ended first,
        which a port taken in between causes, and 1 on any other failure

Reads /proc, so it needs Linux but neither `ss` nor `curl`.
"""

import http.client
import pathlib
import socket
import sys
import time

PROC = pathlib.Path("/proc")
LISTEN = "0A"
ENDED = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stat_fields(process):
    """State, parent, group, session and so on: what follows the command name."""
    return (process / "stat").read_text().rpartition(") ")[2].split()


def session_processes(leader):
    """Every process that the server started, itself included: it leads a session."""
    for process in PROC.glob("[0-9]*"):
        try:
            state, _parent, _group, session = stat_fields(process)[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            yield process


def alive(leader):
    try:
        return stat_fields(PROC / str(leader))[0] != "Z"
    except OSError:
        return False


def socket_inodes(process):
    for descriptor in (process / "fd").glob("*"):
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target[len("socket:[") : -1]


def address_text(raw):
    """The kernel prints addresses as words in host byte order."""
    words = [int(raw[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(raw), 8)]
    packed = b"".join(words)
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def listening(leader):
    """The (address, port) pairs on which the server's processes listen."""
    inodes = {inode for process in session_processes(leader) for inode in socket_inodes(process)}
    found = set()
    for table in ("tcp", "tcp6"):
        path = PROC / "net" / table
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.add((address_text(address), int(port, 16)))
    return found


def answers(port):
    """Any reply will do: an unsigned ListTables is refused by those that check signatures."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(
            "POST",
            "/",
            "{}",
            {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "DynamoDB_20120810.ListTables",
            },
        )
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait(leader, port, seconds):
    # A socket that Java opens for both protocols shows as the second of these.
    wanted = {("127.0.0.1", port), ("::ffff:127.0.0.1", port)}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not alive(leader):
            return ENDED
        found = listening(leader)
        if found - wanted:
            others = ", ".join(f"{address} port {other}" for address, other in sorted(found - wanted))
            print(f"process {leader} may listen on 127.0.0.1:{port} only, but listens on {others}", file=sys.stderr)
            return 1
        # Whoever answers must be the server itself, not one that took the port.
        if found and answers(port) and listening(leader) <= wanted:
            return 0
        time.sleep(0.05)
    print(f"process {leader} gave no answer on 127.0.0.1:{port} within {seconds} s", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.argv[1:] == ["port"]:
        print(free_port())
    elif len(sys.argv) == 5 and sys.argv[1] == "wait":
        sys.exit(wait(*map(int, sys.argv[2:])))
    else:
        sys.exit(__doc__)
