"""Martlet under callgrind, which counts what the loads of the bench make it do."""

import argparse
import collections
import os
import pathlib
import resource
import subprocess

import bench
import proxies
from processes import OTHER_CPUS, run

# What part of the bench's work is done: it takes fifty times as long under callgrind.
PART = 20


class Profile:
    """What one load costs: instructions of Martlet's binary by function, and calls by name."""

    def __init__(self, units):
        self.units = units
        self.costs = collections.Counter()
        self.calls = collections.Counter()

    def read(self, dump, binary):
        """Adds what a dump of callgrind says."""
        functions, objects = {}, {}
        function = owner = called = None
        is_call = False
        for line in dump.read_text(errors="replace").split("\n"):
            kind, _, rest = line.partition("=")
            if kind == "fn":
                function = named(functions, rest)
            elif kind == "ob":
                owner = named(objects, rest)
            elif kind == "cfn":
                called = named(functions, rest)
            elif kind == "cob":
                named(objects, rest)
            elif kind == "calls":
                self.calls[called] += int(rest.split()[0])
                is_call = True
            elif line[:1] in "+-*0123456789" and line:
                # The line after `calls` is what the called function cost.
                if not is_call and owner == binary:
                    self.costs[function] += int(line.split()[1])
                is_call = False


def named(table, text):
    """The name behind callgrind's short form: `(12) name` the first time, `(12)` afterwards."""
    number, _, name = text.partition(" ")
    if name:
        table[number] = name
    return table.get(number, text)


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

    def profile(self, measured, load):
        """What one load costs."""
        server, port = measured.start(self, ["localhost"], load.kind)
        count = max(2, load.count // PART)
        try:
            measured.load(server, port, load.mode, count // 2, load.width, load.length)
            control(server, "-i", "on")
            measured.load(server, port, load.mode, count, load.width, load.length)
            control(server, "-i", "off")
            control(server, "-d")
        finally:
            server.stop()
        found = Profile(count * load.share)
        for dump in self.out.parent.glob(self.out.name + "*"):
            found.read(dump, self.binary)
            dump.unlink()
        return found


def control(server, *words):
    """Tells callgrind something."""
    subprocess.run(["callgrind_control", *words, str(server.process.pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def profiles(folder, loads=None):
    """Each load of the bench with what it costs."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    watched = Watched(pathlib.Path(folder))
    settings = argparse.Namespace(only=[], rounds=1, rows=bench.ROWS, quick=False)
    measured = bench.Bench(settings, pathlib.Path(folder))
    os.sched_setaffinity(0, OTHER_CPUS)
    for load in bench.LOADS:
        if loads is None or load.row in loads:
            yield load, watched.profile(measured, load)
