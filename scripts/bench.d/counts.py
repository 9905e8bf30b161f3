"""Counts what Martlet does for each unit of the bench's loads; see scripts/counts."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import bench
import callgrind
from processes import BenchError, Server

# What is counted, and the functions whose calls are.
CALLS = {
    "allocations": ("swift_slowAlloc",),
    "retains": ("swift_retain",),
    "releases": ("swift_release",),
    "access_checks": ("swift_beginAccess",),
}
# How far above what is pinned a count may be: which compiler and machine it was moves a little.
TOLERANCE = 1.05
# Of a download the kernel hands out 256 KiB at a time in some runs, 146 in others; the lower
# counts, of the first, are pinned, and where they are to rise, by hand.
VARYING = {"download": 1.6}
# Counts of less than one come from what happens now and then.
SLACK = 0.5


def counted(profile):
    """The counts of one unit."""
    counts = {"instructions": round(sum(profile.costs.values()) / profile.units)}
    for name, functions in CALLS.items():
        calls = sum(profile.calls[function] for function in functions)
        counts[name] = round(calls / profile.units, 1)
    return counts


def complaints(row, counts, pinned):
    """What is beyond what is pinned, one line each."""
    for name, count in counts.items():
        limit = pinned.get(name)
        if limit is None:
            yield f"{row}: {name} is not pinned; run 'scripts/counts --write'"
        elif count > limit * VARYING.get(row, TOLERANCE) + SLACK:
            yield f"{row}: {count:,} {name}, {limit:,} are pinned"


def lower(row, counts, pinned):
    """What is to be pinned of a row."""
    if row not in VARYING:
        return counts
    return {name: min(count, pinned.get(name, count)) for name, count in counts.items()}


def parsed():
    parser = argparse.ArgumentParser(prog="scripts/counts", description=__doc__)
    parser.add_argument("thresholds", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help="pin what is counted now")
    parser.add_argument("--rows", help="some of " + ",".join(load.row for load in bench.LOADS))
    options = parser.parse_args()
    options.rows = options.rows.split(",") if options.rows else None
    return options


def main():
    options = parsed()
    folder = tempfile.mkdtemp(prefix="martlet-counts-")
    try:
        pinned = json.loads(options.thresholds.read_text()) if options.thresholds.exists() else {}
        problems = []
        for load, profile in callgrind.profiles(folder, options.rows):
            counts = counted(profile)
            words = ", ".join(f"{count:,} {name}" for name, count in counts.items())
            print(f"{load.row}: {words}")
            if options.write:
                pinned[load.row] = lower(load.row, counts, pinned.get(load.row, {}))
            else:
                problems += complaints(load.row, counts, pinned.get(load.row, {}))
        if options.write:
            options.thresholds.write_text(json.dumps(pinned, indent=2) + "\n")
        if problems:
            sys.exit("\n".join(f"scripts/counts: {problem}" for problem in problems))
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"scripts/counts: {error}")
    finally:
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
