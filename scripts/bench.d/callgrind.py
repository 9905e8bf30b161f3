"""Proxies under callgrind, which counts what the loads of the bench make them do."""

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
    """What one load costs: instructions by object and, of one binary, by function; calls."""

    def __init__(self, units):
        self.units = units
        self.objects = collections.Counter()
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
                if not is_call:
                    self.objects[owner] += int(line.split()[1])
                    if owner == binary:
                        self.costs[function] += int(line.split()[1])
                is_call = False


def named(table, text):
    """The name behind callgrind's short form: `(12) name` the first time, `(12)` afterwards; a
    function that calls itself is the same one, `name'2` is no other."""
    number, _, name = text.partition(" ")
    if name:
        table[number] = name.partition("'")[0]
    return table.get(number, text)


class Watched:
    """A proxy under callgrind, which counts between the two ends of a load only."""

    def __init__(self, proxy, folder):
        proxy.version()
        self.proxy = proxy
        self.out = folder / "callgrind"
        self.binary = getattr(proxy, "binary", None)
        if self.binary:
            # Valgrind takes long over what debuggers are told.
            lean = str(folder / "martlet-lean")
            run("objcopy", "--strip-debug", self.binary, lean)
            self.binary = proxy.binary = lean
        proxy.prefix = ("valgrind", "-q", "--tool=callgrind", "--demangle=no",
                        "--instr-atstart=no", "--trace-children=yes",
                        f"--callgrind-out-file={self.out}.%p")

    def profiles(self, measured, load, counts):
        """What the load costs, for each of the counts."""
        server, port = measured.start(self.proxy, ["localhost"], load.kind)
        try:
            measured.load(server, port, load.mode, max(load.width, counts[-1] // 2), load.width,
                          load.length)
            for count in counts:
                control(server, "-i", "on")
                measured.load(server, port, load.mode, count, load.width, load.length)
                # What the load leaves behind belongs to it.
                server.settled_cpu_seconds()
                control(server, "-i", "off")
                control(server, "-d")
                yield self.read_dumps(count * load.share)
        finally:
            server.stop()
            self.read_dumps(0)

    def read_dumps(self, units):
        """What has been dumped since the last time."""
        found = Profile(units)
        for dump in self.out.parent.glob(self.out.name + ".*"):
            found.read(dump, self.binary)
            dump.unlink()
        return found


def control(server, *words):
    """Tells callgrind something."""
    for pid in server.pids():
        subprocess.run(["callgrind_control", *words, str(pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def limit_files():
    """Keeps the number of open files to what valgrind can bear."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))


def profiles(folder, loads=None):
    """Each load of the bench with what it costs Martlet."""
    limit_files()
    watched = Watched(proxies.Martlet(), pathlib.Path(folder))
    settings = argparse.Namespace(only=[], rounds=1, rows=bench.ROWS, quick=False)
    measured = bench.Bench(settings, pathlib.Path(folder))
    os.sched_setaffinity(0, OTHER_CPUS)
    for load in bench.LOADS:
        if loads is None or load.row in loads:
            yield load, *watched.profiles(measured, load, [max(2, load.count // PART)])
