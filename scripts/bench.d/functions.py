"""Writes which functions of Martlet the loads of the bench call; see scripts/hot-functions."""

import argparse
import collections
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


def sections(build):
    """The functions that have a section of their own, which alone can be put elsewhere."""
    found = set()
    for module in build.glob("*.build"):
        objects = [str(path) for path in module.rglob("*.o")]
        if objects:
            for word in run("readelf", "-SW", *objects).split():
                found.add(word.removeprefix(".text."))
    return found


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
        build = pathlib.Path(__file__).resolve().parents[2] / ".build/release"
        movable = sections(build)
        # The standard library comes as one section, which would come along as a whole.
        chosen = [name for name in total if name in movable or not name.startswith("$s")]
        chosen.sort(key=lambda name: (-loads[name], -total[name]))
        options.file.write_text(HEAD + "".join(f"{name}\n" for name in chosen))
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"scripts/hot-functions: {error}")
    finally:
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
