"""Tells where proxies spend what the loads of the bench cost; see scripts/profile."""

import collections
import os
import re
import shutil
import signal
import subprocess

import bench
import callgrind
from processes import OTHER_CPUS, BenchError, work_in_folder

# Samples in a second of a proxy's time.
FREQUENCY = 4000
ROWS = [load.row for load in bench.LOADS]
COMPARED = ("martlet", "nginx", "haproxy", "bare")
# What the files of a process are called in the table, by how their names begin; all others are
# its own.
PARTS = {
    "kernel": ("[kernel", "[guest"),
    "OpenSSL": ("libcrypto", "libssl"),
    "nghttp2": ("libnghttp2",),
    # Between libraries there are stubs that stand in none.
    "libc": ("???", "libc.", "libc-", "libm.", "ld-linux", "[vdso]", "libstdc++", "libgcc"),
}
NOTE = (
    "Less is better. µs are CPU time for a unit, the mean of the quarter of all slices that was "
    "disturbed least, split as all samples of the processor's clock are, which take a few "
    "hundredths of it themselves. Instructions are those "
    "outside of the kernel, of the proxy's own code and of all, without what connections cost to "
    "open where a load has many units for each; under valgrind, OpenSSL takes slower ways than it "
    "has, and a long copy counts by its bytes. System calls include the load's connections.")


def part_of(file):
    """The column of an executable file."""
    name = file.rpartition("/")[2]
    for part, beginnings in PARTS.items():
        if name.startswith(beginnings):
            return part
    return "own"


class Samples:
    """perf on the processes of a server, from `begin` to `end`."""

    def __init__(self, server, folder):
        self.server = server
        self.data = folder / f"{server.name}.perf"
        self.words = folder / f"{server.name}.perf.log"
        self.process = None

    def begin(self):
        """Returns once perf takes samples."""
        if shutil.which("perf") is None:
            raise BenchError("there is no 'perf'; it is in Debian's package linux-perf")
        pids = ",".join(map(str, self.server.pids()))
        orders, self.orders = os.pipe()
        answers, answering = os.pipe()
        command = ["perf", "record", "-e", "cpu-clock", "-F", str(FREQUENCY), "-p", pids,
                   "-o", str(self.data), "-D", "-1", "--control", f"fd:{orders},{answering}"]
        with open(self.words, "wb") as words:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words,
                                            stderr=words, pass_fds=(orders, answering),
                                            start_new_session=True)
        os.close(answering)
        os.write(self.orders, b"enable\n")
        os.close(orders)
        answer = os.read(answers, 64)
        os.close(answers)
        if not answer.startswith(b"ack"):
            self.fail()

    def end(self):
        """The share of each part in all samples."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        os.close(self.orders)
        report = subprocess.run(
            ["perf", "report", "-i", str(self.data), "--sort", "dso", "--stdio", "-q"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        shares = collections.Counter()
        for percent, file in re.findall(r"^\s*([\d.]+)%\s+(\S+)", report.stdout, re.MULTILINE):
            shares[part_of(file)] += float(percent) / 100
        if not shares:
            self.fail(report.stderr)
        if not shares["kernel"]:
            self.fail("it sees no kernel: be root, or set kernel.perf_event_paranoid to 1")
        self.data.unlink()
        return shares

    def stop(self):
        """No process stays behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def fail(self, more=""):
        self.stop()
        words = (self.words.read_text(errors="replace") + more).strip().split("\n")
        raise BenchError(f"perf cannot watch {self.server.name}: {' '.join(words)[:300]}")


class Profiled(bench.Bench):
    """The bench, with samples of what the proxies do while they take turns."""

    def __init__(self, options, folder):
        super().__init__(options, folder)
        # By row and proxy, what part of the time goes where.
        self.shares = {}

    def take_turns(self, load, part, started):
        samples = {proxy: Samples(server, self.folder)
                   for proxy, (server, _) in started.items()}
        try:
            for sample in samples.values():
                sample.begin()
            taken = super().take_turns(load, part, started)
            self.shares[load.title] = {
                proxy.name: sample.end() for proxy, sample in samples.items()}
        finally:
            for sample in samples.values():
                sample.stop()
        return taken


def line(load, proxy, measured, profile):
    """A row of the table."""
    total = bench.typical(measured.values[load.title][proxy.name])
    shares = measured.shares[load.title][proxy.name]
    cells = [load.title, proxy.name, bench.shown(total)]
    for part in [*PARTS, "own"]:
        cells.append(bench.shown(shares[part] * total) if shares[part] else "–")
    instructions = "–"
    if profile is not None:
        instructions = f"{profile['own']:,.0f} / {sum(profile.values()):,.0f}"
    calls = sum(measured.calls[load.title][proxy.name].values())
    return f"| {' | '.join([*cells, instructions, f'{calls:.2f}'])} |"


def instructions(watched, measured, load):
    """Instructions of a unit by part: what more units cost more, so that opening counts once for
    each only where it is part of the unit."""
    few = load.width
    many = max(3 * few, measured.scaled(load.count // callgrind.PART))
    less, more = watched.profiles(measured, load, [few, many])
    parts = collections.Counter()
    for file, cost in more.objects.items():
        parts[part_of(file)] += cost
    for file, cost in less.objects.items():
        parts[part_of(file)] -= cost
    return {part: cost / (more.units - less.units) for part, cost in parts.items()}


def work(options, folder):
    measured = Profiled(options, folder)
    os.sched_setaffinity(0, OTHER_CPUS)
    measured.measure()
    watched = {}
    if options.instructions:
        callgrind.limit_files()
        watched = {proxy: callgrind.Watched(proxy, folder) for proxy in measured.proxies}
    columns = ["per", "proxy", "µs of CPU", *PARTS, "own", "instructions, own / all",
               "system calls"]
    print(f"| {' | '.join(columns)} |\n|---|---|{'---:|' * (len(columns) - 2)}")
    for load in filter(measured.is_wanted, bench.LOADS):
        for proxy in measured.proxies:
            if not proxy.does(load.row, load.kind):
                continue
            profile = instructions(watched[proxy], measured, load) if watched else None
            print(line(load, proxy, measured, profile), flush=True)
    print(f"\n{NOTE}")


def main():
    parser = bench.parser_of("scripts/profile", __doc__, ROWS, COMPARED)
    parser.add_argument("--no-instructions", dest="instructions", action="store_false",
                        help="without those of callgrind, which take most of the time")
    options = bench.checked(parser, ROWS)
    options.rounds = 1
    work_in_folder("scripts/profile", lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
