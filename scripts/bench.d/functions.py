"""Writes which functions of Martlet the loads of the bench call; see scripts/hot-functions."""

import argparse
import collections
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

import bench
import proxies
from processes import OTHER_CPUS, BenchError, Server, run

# How often each load is repeated: what is called once in a hundred times is not hot.
COUNT = 200
LARGE_COUNT = 2
HEAD = """\
# Functions that requests and handshakes call, those of most loads first: the linker puts them
# together (scripts/build). Written by scripts/hot-functions; a name that is gone does no harm.
"""


class Watched(proxies.Martlet):
    """Martlet under callgrind, which counts between the two ends of a load only."""

    def __init__(self, folder):
        super().__init__()
        self.version()
        self.out = folder / "callgrind"
        # Valgrind takes long over what debuggers are told.
        lean = folder / "martlet"
        run("objcopy", "--strip-debug", self.binary, str(lean))
        self.binary = str(lean)
        self.prefix = ("valgrind", "-q", "--tool=callgrind", "--demangle=no",
                       "--instr-atstart=no", f"--callgrind-out-file={self.out}")

    def costs(self):
        """Instructions by function of the binary, and forgets them."""
        dumps = sorted(self.out.parent.glob(self.out.name + "*"))
        names, costs, objects = {}, collections.Counter(), {}
        for dump in dumps:
            function = owner = None
            is_call = False
            for line in dump.read_text(errors="replace").split("\n"):
                if line.startswith("fn="):
                    function = named(names, line[3:])
                elif line.startswith("ob="):
                    owner = named(objects, line[3:])
                elif line.startswith("cfn="):
                    named(names, line[4:])
                elif line.startswith("cob="):
                    named(objects, line[4:])
                elif line.startswith("calls="):
                    is_call = True
                elif line[:1] in "+-*0123456789" and line:
                    # The line after `calls` is what the called function cost.
                    if not is_call and owner == self.binary:
                        costs[function] += int(line.split()[1])
                    is_call = False
            names, objects = {}, {}
            dump.unlink()
        return costs


def named(table, text):
    """The name behind callgrind's short form: `(12) name` the first time, `(12)` afterwards."""
    number, _, name = text.partition(" ")
    if name:
        table[number] = name
    return table.get(number, text)


def sections(build):
    """The functions that have a section of their own, which alone can be put elsewhere."""
    found = set()
    for module in build.glob("*.build"):
        objects = [str(path) for path in module.rglob("*.o")]
        if objects:
            for word in run("readelf", "-SW", *objects).split():
                found.add(word.removeprefix(".text."))
    return found


def profile(watched, measured, load):
    """What one load costs, function by function."""
    server, port = measured.start(watched, ["localhost"], load.kind)
    count = LARGE_COUNT if load.length == proxies.LARGE else COUNT
    try:
        measured.load(server, port, load.mode, count // 2, load.width, load.length)
        control(server, "-i", "on")
        measured.load(server, port, load.mode, count, load.width, load.length)
        control(server, "-i", "off")
        control(server, "-d")
    finally:
        server.stop()
    return watched.costs()


def control(server, *words):
    """Tells callgrind something."""
    subprocess.run(["callgrind_control", *words, str(server.process.pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(prog="scripts/hot-functions", description=__doc__)
    parser.add_argument("file", type=pathlib.Path)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-functions-"))
    try:
        watched = Watched(folder)
        settings = argparse.Namespace(only=[], rounds=1, rows=bench.ROWS, quick=False)
        measured = bench.Bench(settings, folder)
        os.sched_setaffinity(0, OTHER_CPUS)
        total, loads = collections.Counter(), collections.Counter()
        for load in bench.LOADS:
            costs = profile(watched, measured, load)
            whole = sum(costs.values())
            print(f"{load.title}: {len(costs)} functions", file=sys.stderr)
            for name, cost in costs.items():
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
