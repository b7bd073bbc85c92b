#!/usr/bin/env python3
"""Two builds of osem side by side: `osem run setup` and `osem verify` on a fresh emulator.

    benches/compare.py BEFORE AFTER [RUNS]

Each of RUNS rounds (200 if not given) runs both, in turns who comes first, in a new folder with the
repository's own files. Prints medians and their ratio: absolute times are those of one machine at one
moment, the ratio is what is compared.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def measure(binary):
    """Milliseconds of `setup` on no database, and of `verify` on what it made."""
    with tempfile.TemporaryDirectory(prefix="osem-compare-") as folder:
        shutil.copy(REPOSITORY / "osem.kdl", folder)
        for part in ["tasks", "fixtures"]:
            shutil.copytree(REPOSITORY / part, Path(folder) / part)
        times = []
        for task in ["setup", "verify"]:
            started = time.perf_counter()
            subprocess.run([binary, "run", task, "-q"], cwd=folder, check=True, capture_output=True,
                           env={"PATH": os.environ["PATH"], "HOME": folder})
            times.append((time.perf_counter() - started) * 1000)
        return times


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    binaries = [str(Path(path).resolve()) for path in sys.argv[1:3]]
    rounds = int(sys.argv[3]) if len(sys.argv) == 4 else 200
    measured = {binary: [] for binary in binaries}
    for number in range(rounds):
        for binary in binaries if number % 2 else reversed(binaries):
            measured[binary].append(measure(binary))
    for column, task in enumerate(["setup", "verify"]):
        before, after = (
            statistics.median(times[column] for times in measured[binary]) for binary in binaries)
        print(f"{task}: before {before:.1f} ms, after {after:.1f} ms, ratio {after / before:.3f} "
              f"({rounds} rounds)")


if __name__ == "__main__":
    main()
