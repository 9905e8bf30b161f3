"""Measures what Martlet and its peers spend on the same work; see scripts/bench."""

import argparse
import json
import os
import pathlib
import platform
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import proxies
import syscalls
from processes import CPUS, OTHER_CPUS, BenchError, free_port, inside, run, work_in_folder

MICRO = 1e6
# How often the proxies take turns within a row of one round.
SLICES = 16
# What part of a slice is done once more while system calls are counted, which slows it down.
COUNTED = 3
LARGE_MIB = proxies.LARGE >> 20


@dataclass(frozen=True)
class Load:
    """A row of the table whose cost is CPU time: what the client does, and how often."""

    title: str
    unit: str
    mode: str
    count: int
    width: int = 1
    length: int = 0
    # Units of work in one of `count`.
    share: int = 1
    # What the proxies are configured for, and the row's name where it is not the mode's.
    kind: str = ""
    name: str = ""

    @property
    def row(self):
        return self.name or self.mode


LOADS = [
    Load("full TLS 1.3 handshake and one request", "µs CPU", "full", 4000),
    Load("resumed TLS 1.3 handshake and one request", "µs CPU", "resumed", 4000),
    Load("TLS 1.3 handshake with the request in early data", "µs CPU", "early", 4000,
         kind="early"),
    Load("keep-alive request, 1 KiB response", "µs CPU", "keepalive", 40000, width=8),
    Load("keep-alive request over 100 servers in turn", "µs CPU", "keepalive", 40000, width=8,
         kind="hundred", name="balance"),
    Load("MiB of download", "µs CPU", "download", 64, length=proxies.LARGE, share=LARGE_MIB),
    Load("HTTP/2 request, 1 KiB response, 10 × 10 streams", "µs CPU", "http2", 40000, width=10),
    Load("MiB of download over HTTP/2", "µs CPU", "http2-download", 64, length=proxies.LARGE,
         share=LARGE_MIB),
    Load("message of 64 bytes through a WebSocket and back", "µs CPU", "websocket", 40000,
         width=8, length=64),
    Load("MiB of upload", "µs CPU", "upload", 64, length=proxies.LARGE, share=LARGE_MIB),
    Load("TCP site: full TLS 1.3 handshake, one exchange", "µs CPU", "full", 4000, kind="tcp",
         name="tcp"),
    Load("TCP site: exchange of 1 KiB on open connections", "µs CPU", "keepalive", 40000, width=8,
         kind="tcp", name="tcp-exchange"),
    Load("TCP site: MiB of download", "µs CPU", "download", 64, length=proxies.LARGE,
         share=LARGE_MIB, kind="tcp", name="tcp-download"),
]
MEMORY_TITLE = "memory of an idle TLS connection"
STARTUP_TITLES = ("start-up with {hosts:,} hosts, CPU", "start-up with {hosts:,} hosts, wall")
ROWS = [load.row for load in LOADS] + ["memory", "start-up"]
NOTE = (
    "Less is better; means of the quarter of all slices that was disturbed least, and medians of "
    "memory and start-up. CPU is user and system time of the proxy's processes, which have a "
    "processor of their own and take turns within each row. One worker each; ECDSA "
    "P-256 certificates, TLS_AES_128_GCM_SHA256 and X25519, one ticket a handshake; HTTP/1.1 where "
    "nothing else is said, and HTTP/1.1 to the backend; no "
    "logs; kept-alive connections to the same backend. hitch reads no HTTP, and so is no peer in "
    "rows of requests; for a resting client it holds a connection to the backend. Each host of "
    "the start-up rows has a key and a certificate of its own, and start-up ends when the last "
    "host has answered a request.")


class Bench:
    """One run: the material, the client, and a table of values by row, proxy and round."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.proxies = [proxies.PROXIES[name]() for name in options.only]
        self.versions = {proxy.name: proxy.version() for proxy in self.proxies}
        self.values = {}
        # The share of requests that were taken as early data, by proxy and round.
        self.early = {}
        # By row and proxy, how often each system call was made for a unit.
        self.calls = {}
        self.units = {}
        self.client = proxies.compile_program(folder, "client", "-lssl", "-lcrypto")
        self.material = proxies.Material(folder)
        backend = self.material.start_backend(free_port())
        wait_for(backend, self.material.backends[0], None, None)
        self.material.start_echo(free_port())

    def measure(self):
        """All rounds; in each, the proxies take turns row by row, in another order each time."""
        for number in range(self.options.rounds):
            shift = number % len(self.proxies)
            order = self.proxies[shift:] + self.proxies[:shift]
            for load in filter(self.is_wanted, LOADS):
                for proxy, values in self.compare(load, order):
                    for value in values:
                        self.note(load.title, load.unit, proxy, value)
            for proxy in self.able(order, "memory"):
                self.note(MEMORY_TITLE, "KiB PSS", proxy, self.memory_of(proxy))
            for proxy in self.able(order, "start-up"):
                for title, value in zip(STARTUP_TITLES, self.startup_of(proxy)):
                    self.note(title.format(hosts=self.scaled(10000)), "ms", proxy, value)

    def able(self, order, row):
        """Who takes part in the row, which is nobody where it is not wanted."""
        return [proxy for proxy in order if self.is_wanted(row) and proxy.does(row)]

    @staticmethod
    def peers_in(title):
        """Who does the same work in the row: not who reads no HTTP where the others do."""
        is_http = any(load.title == title and load.kind != "tcp" for load in LOADS)
        return [peer for peer in proxies.PEERS[1:] if not (is_http and peer.forwards_bytes)]

    def is_wanted(self, row):
        return getattr(row, "row", row) in self.options.rows

    def scaled(self, count):
        return max(1, count // 10) if self.options.quick else count

    def note(self, title, unit, proxy, value):
        self.units[title] = unit
        self.values.setdefault(title, {}).setdefault(proxy.name, []).append(value)
        print(f"{title}: {proxy.name} {shown(value)} {unit}", file=sys.stderr)

    def start(self, proxy, hosts, kind=""):
        """A fresh process in a fresh folder that has answered for the last host."""
        place = self.folder / f"{proxy.name}-{kind}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        port = free_port()
        self.material.certify(hosts)
        server = proxy.start(self.material, place, port, hosts, kind)
        wait_for(server, port, hosts[-1], self.material.file(hosts[-1], "pem"))
        return server, port

    def command(self, port, mode, count, width=1, length=0):
        if mode.startswith("http2"):
            path, streams = ("1k", 10) if mode == "http2" else ("large", 1)
            return ["h2load", "-n", str(max(count, width)), "-c", str(width), "-m", str(streams),
                    f"https://localhost:{port}/{path}"]
        return [str(self.client), mode, str(port), str(count), str(width), str(length),
                str(self.material.file("localhost", "pem"))]

    def load(self, server, *arguments):
        """Runs the client to its end, and fails where it does; gives what it prints."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True)
        if done.returncode != 0:
            server.require_alive()
            raise BenchError(f"{server.name}: {done.stderr.strip() or done.returncode}")
        if arguments[1].startswith("http2"):
            count = max(arguments[2], arguments[3])
            if f"status codes: {count} 2xx" not in done.stdout or " 0 failed" not in done.stdout:
                raise BenchError(f"{server.name}: {done.stdout.strip()}")
        return done.stdout

    def compare(self, load, order):
        """What the proxies spend, each slice by slice: they take turns within the row, so that
        what else happens on the machine happens to all."""
        part = max(1, self.scaled(load.count) // SLICES)
        able = [proxy for proxy in order if proxy.does(load.row, load.kind)]
        started = {proxy: self.start(proxy, ["localhost"], load.kind) for proxy in able}
        for server, port in started.values():
            self.load(server, port, load.mode, max(1, part // 2), load.width, load.length)
        values, taken = self.take_turns(load, part, started)
        for proxy, (server, port) in started.items():
            if load.title not in self.calls or proxy.name not in self.calls[load.title]:
                self.count_calls(load, proxy, server, port, max(load.width, part // COUNTED))
            server.stop()
            if load.mode == "early":
                share = taken[proxy] / (part * SLICES)
                self.early.setdefault(proxy.name, []).append(share)
        return values.items()

    def take_turns(self, load, part, started):
        """CPU time of a unit in µs, slice by slice, and how much early data was taken, by proxy."""
        able = list(started)
        values, taken = {proxy: [] for proxy in able}, dict.fromkeys(able, 0)
        for number in range(SLICES if able else 0):
            shift = number % len(able)
            for proxy in able[shift:] + able[:shift]:
                server, port = started[proxy]
                before = server.settled_cpu_seconds()
                words = self.load(server, port, load.mode, part, load.width, load.length)
                spent = server.settled_cpu_seconds() - before
                values[proxy].append(spent * MICRO / (part * load.share))
                taken[proxy] += int(words) if load.mode == "early" else 0
        return values, taken

    def count_calls(self, load, proxy, server, port, count):
        """Notes the system calls of a unit; whoever is watched makes no others."""
        watch = syscalls.SystemCalls(server, self.folder)
        watch.begin()
        self.load(server, port, load.mode, count, load.width, load.length)
        server.settled_cpu_seconds()
        units = count * load.share
        self.calls.setdefault(load.title, {})[proxy.name] = {
            name: calls / units for name, calls in watch.end().items()}

    def floor(self):
        """What OpenSSL alone needs for the server's half, by the mode of the row."""
        wanted = [row for row in ("full", "resumed", "early", "memory") if self.is_wanted(row)]
        if not wanted:
            return {}
        program = proxies.compile_program(self.folder, "floor", "-lssl", "-lcrypto")
        self.material.certify(["localhost"])
        files = [str(self.material.file("localhost", kind)) for kind in ("pem", "key")]
        command = inside(self.folder, str(program), *files, str(self.scaled(4000)))
        lines = run(*command).split("\n")
        values = dict(line.split(maxsplit=1) for line in lines if line)
        return {row: values[row] for row in wanted}

    def memory_of(self, proxy):
        count = self.scaled(2000)
        server, port = self.start(proxy, ["localhost"])
        self.load(server, port, "full", 10)
        before = server.memory_bytes()
        with subprocess.Popen(self.command(port, "idle", count), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
            is_ready = client.stdout.readline() == "ready\n"
            after = server.memory_bytes() if is_ready else before
            errors = client.communicate()[1]
        if client.returncode != 0:
            server.require_alive()
            raise BenchError(f"{server.name}: {errors.strip() or client.returncode}")
        server.stop()
        return (after - before) / 1024 / count

    def startup_of(self, proxy):
        """CPU and wall time until the last of the hosts is served, in milliseconds."""
        hosts = [f"h{number}.{proxies.HOST_SUFFIX}" for number in range(self.scaled(10000))]
        server, _ = self.start(proxy, hosts)
        wall = time.monotonic() - server.started
        spent = server.settled_cpu_seconds()
        server.stop()
        return spent * 1e3, wall * 1e3

    def rows(self):
        """For each row: title, unit, values, and Martlet's as a share of the best peer's."""
        for title, by_proxy in self.values.items():
            values = {name: typical(rounds) for name, rounds in by_proxy.items()}
            peers = [values[peer.name] for peer in self.peers_in(title) if peer.name in values]
            ratio = values["martlet"] / min(peers) if "martlet" in values and peers else None
            yield {"row": title, "unit": self.units[title], "value": values, "ratio": ratio,
                   "rounds": by_proxy}


def typical(values):
    """What is nearest to the work itself: what else happens on the machine makes it cost more,
    never less. A median where there are few values."""
    quarter = sorted(values)[:len(values) // 4]
    return statistics.mean(quarter) if len(quarter) > 1 else statistics.median(values)


def wait_for(server, port, host, certificate):
    """Returns once the server answers a request for the host with 200; two minutes at most."""
    context = ssl.create_default_context(cafile=certificate) if host else None
    deadline = time.monotonic() + 120
    problem = "no connection"
    while time.monotonic() < deadline:
        server.require_alive()
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as plain:
                stream = context.wrap_socket(plain, server_hostname=host) if context else plain
                lines = ["GET /1k HTTP/1.1", f"Host: {host or 'localhost'}", "Connection: close"]
                stream.sendall("\r\n".join(lines + ["", ""]).encode())
                answer = stream.recv(64)
                if answer.startswith(b"HTTP/1.1 200"):
                    return
                raise BenchError(f"{server.name} answers {answer[:40]!r}")
        except OSError as error:
            problem = str(error)
            time.sleep(0.005)
    raise BenchError(f"{server.name} is not ready after two minutes: {problem}")


def shown(value):
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine(versions):
    """What the numbers hold for."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().split("\n"):
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    facts = {"cpu": model, "cores": len(CPUS), "kernel": platform.release(),
             "openssl": run(*inside("/tmp", "openssl", "version")).split()[1]}
    return facts | versions


def floor_note(floor):
    """What the library takes of the rows of handshakes and of memory."""
    heap = floor.get("memory")
    parts = ", ".join(f"{row} {value}" for row, value in floor.items() if row != "memory")
    note = f" OpenSSL's half alone, without sockets, takes: {parts}." if parts else ""
    return note + (f" Of a resting connection, OpenSSL's heap is {heap}." if heap else "")


def early_note(early):
    """What share of early data was taken: a row of refused ones would say nothing of it."""
    shares = ", ".join(f"{name} {min(rounds):.0%}" for name, rounds in early.items())
    return (f" Early data was accepted: {shares}; a ticket that is used again with early data is "
            "refused that by martlet, not by the others.") if shares else ""


def table(facts, rows, calls, names, notes):
    """The result in Markdown."""
    line = ", ".join(f"{name} {fact}" for name, fact in facts.items() if name != "cpu")
    text = [f"{facts['cpu']}, {line}", "", "| per | unit | " + " | ".join(names)
            + " | martlet / best peer |", "|---|---|" + "---:|" * (len(names) + 1)]
    for row in rows:
        cells = [shown(row["value"][name]) if name in row["value"] else "–" for name in names]
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        text.append(f"| {row['row']} | {row['unit']} | {' | '.join(cells)} | {ratio} |")
    return "\n".join(text + ["", syscalls.table(calls, names) + NOTE + notes])


def parser_of(program, description, rows, names):
    """What the command lines of the bench's programs have in common."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, coarse numbers")
    parser.add_argument("--only", default=",".join(names), metavar="NAMES",
                        help="some of " + ",".join(proxies.PROXIES))
    parser.add_argument("--rows", default=",".join(rows), metavar="ROWS",
                        help="some of " + ",".join(rows))
    return parser


def checked(parser, rows):
    """The options, with lists of the names that there are."""
    options = parser.parse_args()
    options.only, options.rows = options.only.split(","), options.rows.split(",")
    unknown = [name for name in options.only if name not in proxies.PROXIES]
    unknown += [name for name in options.rows if name not in rows]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    return options


def parsed():
    parser = parser_of("scripts/bench", __doc__, ROWS, [peer.name for peer in proxies.PEERS])
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default 3")
    parser.add_argument("--json", metavar="FILE", help="write all values there")
    options = checked(parser, ROWS)
    if options.rounds < 1:
        parser.error("at least one round")
    return options


def main():
    options = parsed()
    work_in_folder("scripts/bench", lambda folder: work(options, folder))


def work(options, folder):
    """Measures, and prints what was."""
    if options.json:
        pathlib.Path(options.json).touch()
    bench = Bench(options, folder)
    os.sched_setaffinity(0, OTHER_CPUS)
    bench.measure()
    facts, rows = machine(bench.versions), list(bench.rows())
    notes = early_note(bench.early) + floor_note(bench.floor())
    print(table(facts, rows, bench.calls, options.only, notes))
    if options.json:
        result = {"machine": facts, "quick": options.quick, "rows": rows,
                  "early": bench.early, "system_calls": bench.calls}
        pathlib.Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
