"""Writes which functions of Martlet the loads of the bench call; see scripts/hot-functions."""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import callgrind
from processes import BenchError, Server, run

HEAD = """\
# Functions that requests and handshakes call, those of most loads first: the linker puts them
# together (scripts/build). Written by scripts/hot-functions; a name that is gone does no harm.
"""


def runtime():
    """The functions of the standard library: it comes as one section, so that one of them would
    bring it along as a whole."""
    facts = json.loads(run("swift", "-print-target-info"))
    folder = pathlib.Path(facts["paths"]["runtimeResourcePath"]).parent / "swift_static/linux"
    libraries = [str(path) for path in folder.glob("*.a")]
    return set(run("nm", "--defined-only", "-j", *libraries).split())


def main():
    parser = argparse.ArgumentParser(prog="scripts/hot-functions", description=__doc__)
    parser.add_argument("file", type=pathlib.Path)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="martlet-functions-")
    try:
        total, loads = collections.Counter(), collections.Counter()
        for load, profile in callgrind.profiles(folder):
            whole = sum(profile.costs.values())
            print(f"{load.title}: {len(profile.costs)} functions", file=sys.stderr)
            for name, cost in profile.costs.items():
                total[name] += cost / whole
                loads[name] += 1
        fixed = runtime()
        # Functions that have no name stand as addresses.
        chosen = [name for name in total if not name.startswith("0x")
                  and (name not in fixed or not name.startswith("$s"))]
        chosen.sort(key=lambda name: (-loads[name], -total[name]))
        options.file.write_text(HEAD + "".join(f"{name}\n" for name in chosen))
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"scripts/hot-functions: {error}")
    finally:
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
