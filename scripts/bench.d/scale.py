"""Measures how Martlet's cost grows with what it has to look after; see scripts/scale."""

import argparse
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import bench
import proxies
from processes import CPUS, OTHER_CPUS, PROXY_CPUS, BenchError, Server, free_port

MICRO = 1e6
REQUESTS = 20000
ROUNDS = 5
# How often each has its turn where several take turns.
TURNS = 20
# Whose latencies are compared.
COMPARED = ("martlet", "nginx", "haproxy", "nghttpx")
# The same of latencies, each turn half a second long, each proxy first in as many: a pause of the
# machine spoils few of the turns, and the median is of those without.
LATENCY_TURNS = 48
# How many requests a worker has before it at any time.
DEPTH = 8
# How many connections a worker has where it is never to be idle, each with a request.
FULL_DEPTH = 64
# The share of what a proxy can do at most at which its latency is measured.
UTILIZATION = 0.6

HEAD = """\
workers: {workers}
admin: off
listeners: [{{ address: "127.0.0.1:{port}" }}]
limits:
  {{ connections: 12000, connections_per_address: 12000, requests_per_connection: 1000000000 }}
backends: {{ behind: {{ servers: ["127.0.0.1:{backend}"] }} }}
sites:
"""
SITE = """\
  - hosts: ["{host}"]
    certificates: [{{ chain: "{certificate}", key: "{key}" }}]
    routes: [{routes}]
"""


class Scale:
    """The material and the client, and what is measured with them."""

    def __init__(self, folder):
        self.folder = folder
        self.martlet = proxies.Martlet()
        self.martlet.version()
        self.material = proxies.Material(folder)
        self.backend = self.material.start_backend(free_port())
        self.client = proxies.compile_program(folder, "paced", "-lssl", "-lcrypto")
        self.material.start_echo(free_port())
        bench.wait_for(self.backend, self.material.backends[0], None, None)
        self.can_come_first = self.schedule(self.backend.pids(), os.SCHED_FIFO)
        self.schedule(self.backend.pids(), os.SCHED_OTHER)

    # MARK: Starting

    def start(self, hosts=("localhost",), routes=1, workers=1, cpus=PROXY_CPUS):
        """Martlet with so many routes before the one that is asked for."""
        self.material.certify(hosts)
        place = pathlib.Path(tempfile.mkdtemp(prefix="martlet-", dir=self.folder))
        port = free_port()
        lines = [f"{{ path: /r{number}/, backend: behind }}" for number in range(routes - 1)]
        lines.append("{ path: /, backend: behind }")
        text = HEAD.format(workers=workers, port=port, backend=self.material.backends[0])
        for host in hosts:
            text += SITE.format(host=host, certificate=self.material.file(host, "pem"),
                                key=self.material.file(host, "key"), routes=", ".join(lines))
        (place / "martlet.yaml").write_text(text)
        server = Server("martlet", [self.martlet.binary, "run", "--config",
                                    str(place / "martlet.yaml")],
                        place, self.material.environment, cpus)
        bench.wait_for(server, port, hosts[-1], self.material.file(hosts[-1], "pem"))
        return server, port

    def peer(self, name, workers=1, cpus=PROXY_CPUS):
        """A proxy as scripts/bench starts it; of nginx, more workers as well."""
        self.material.certify(["localhost"])
        place = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        port = free_port()
        proxy = proxies.PROXIES[name]()
        proxy.workers, proxy.cpus = workers, cpus
        proxy.version()
        server = proxy.start(self.material, place, port, ["localhost"], "")
        bench.wait_for(server, port, "localhost", self.material.file("localhost", "pem"))
        return server, port

    @contextlib.contextmanager
    def clients(self, server, port, width, host="localhost", path="/1k", is_first=False):
        """Connections that are open, and a function that puts a load on them; with `is_first`, the
        client and the backend come before all others, wherever they run."""
        command = [str(self.client), str(port), str(width), host, path,
                   str(self.material.file(host, "pem"))]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as program:
            if is_first:
                self.schedule([program.pid, *self.backend.pids()], os.SCHED_FIFO)

            def answer():
                words = program.stdout.readline().split()
                if len(words) != 3:
                    server.require_alive()
                    raise BenchError(f"{server.name}: {program.stderr.read().strip()}")
                return [int(word) for word in words]

            def load(count, rate=0, depth=DEPTH):
                program.stdin.write(f"{count} {rate} {depth}\n")
                program.stdin.flush()
                return answer()

            answer()
            yield load
            program.stdin.close()
            if is_first:
                self.schedule(self.backend.pids(), os.SCHED_OTHER)

    @staticmethod
    def schedule(processes, policy):
        """Gives processes a policy of the scheduler; false where that is not allowed."""
        priority = os.sched_param(1 if policy == os.SCHED_FIFO else 0)
        try:
            for process in processes:
                os.sched_setscheduler(process, policy, priority)
        except PermissionError:
            return False
        return True

    # MARK: Measuring

    def cost(self, server, load, count=REQUESTS):
        """CPU time in µs for a request: the least of some rounds, which others disturbed least."""
        return min(self.spent(server, load, count) for _ in range(ROUNDS))

    @staticmethod
    def spent(server, load, count=REQUESTS, depth=DEPTH):
        """CPU time in µs for a request, once."""
        before = server.settled_cpu_seconds()
        load(count, depth=depth)
        return (server.settled_cpu_seconds() - before) * MICRO / count

    def in_turns(self, subjects, is_first=False):
        """What each of several costs, all of them running: they take turns, so that what else
        happens on the machine happens to all. Subjects are a title, a server with its port, a
        number of connections, a host and how many requests are under way."""
        with contextlib.ExitStack() as stack:
            loads = [(title, server, depth,
                      stack.enter_context(self.clients(server, port, width, host,
                                                       is_first=is_first)))
                     for title, (server, port), width, host, depth in subjects]
            values = {title: [] for title, *_ in loads}
            for _ in range(TURNS):
                for title, server, depth, load in loads:
                    values[title].append(self.spent(server, load, REQUESTS // 2, depth))
        for title, server, *_ in loads:
            yield title, bench.typical(values[title]), "µs CPU a request"
            server.stop()

    def by_connections(self):
        """Beside nginx: more sockets are more for the kernel, whoever serves them."""
        return self.in_turns(
            [(f"{width:,} connections, {name}",
              self.start() if name == "martlet" else self.peer(name), width, "localhost",
              DEPTH)
             for width in (10, 100, 1000, 10000) for name in ("martlet", "nginx")])

    def by_hosts(self):
        lists = [[f"h{number}.{proxies.HOST_SUFFIX}" for number in range(count)]
                 for count in (1, 100, 10000)]
        return self.in_turns([(f"{len(hosts):,} hosts", self.start(hosts), 8, hosts[-1], DEPTH)
                              for hosts in lists])

    def by_routes(self):
        return self.in_turns([(f"{count:,} routes", self.start(routes=count), 8, "localhost",
                               DEPTH)
                              for count in (1, 100, 1000)])

    def by_workers(self):
        """As many requests for each worker, beside nginx: a worker that has less to do finds less
        when it wakes. Each connection has one under way, so that no worker waits for another's.
        Everything runs on the same two processors; where it is allowed, client and backend come
        before the workers first, so that those are busy always."""
        others, both = [os.getpid(), *self.backend.pids()], CPUS[:2]
        for process in others:
            os.sched_setaffinity(process, both)
        places = [("behind all else", True)] if self.can_come_first else []
        for place, is_first in [*places, ("as equals", False)]:
            yield from self.in_turns(
                [(f"workers: {count} of {name}, {place}",
                  self.start(workers=count, cpus=both) if name == "martlet"
                  else self.peer(name, count, both), FULL_DEPTH * count, "localhost",
                  FULL_DEPTH * count)
                 for count in (1, 2) for name in ("martlet", "nginx")], is_first)
        for process in others:
            os.sched_setaffinity(process, OTHER_CPUS)

    def idle(self):
        """What connections cost that say nothing, and the others beside them. Within the first ten
        seconds each has one timer that is set anew."""
        server, port = self.start()
        with self.clients(server, port, 8) as load:
            yield "8 connections alone", self.cost(server, load), "µs CPU a request"
            with self.clients(server, port, 10000):
                for when in ("first", "next"):
                    before = server.settled_cpu_seconds()
                    time.sleep(10)
                    spent = (server.settled_cpu_seconds() - before) * 1e3 / 10
                    yield f"10,000 idle connections, {when} ten seconds", spent, "ms CPU a second"
                yield "8 beside 10,000 idle ones", self.cost(server, load), "µs CPU a request"
        server.stop()

    def latency(self):
        """The same rate for all, in turns: a share of what the best can do at most. Client and
        backend come first, where that is allowed: they share a processor."""
        peers = {name: self.peer(name) for name in COMPARED}
        for width in (64, 256):
            yield from self.latencies(peers, width)
        for server, _ in peers.values():
            server.stop()

    def latencies(self, peers, width):
        with contextlib.ExitStack() as stack:
            loads = {name: stack.enter_context(self.clients(server, port, width, is_first=True))
                     for name, (server, port) in peers.items()}
            most = {name: self.throughput(load) for name, load in loads.items()}
            rate = int(max(most.values()) * UTILIZATION)
            names, values = list(loads), {name: [] for name in loads}
            for number in range(LATENCY_TURNS):
                first = number % len(names)
                for name in names[first:] + names[:first]:
                    values[name].append(loads[name](rate // 2, rate)[1])
        for name, latencies in values.items():
            share = rate / most[name]
            yield (f"p99, {width} connections, {rate:,} requests a second, {name} ({share:.0%})",
                   statistics.median(latencies), "µs")

    @staticmethod
    def throughput(load):
        started = time.monotonic()
        load(REQUESTS)
        return REQUESTS / (time.monotonic() - started)

    def reload(self):
        """10,000 certificates that are unchanged, and what clients notice: two seconds with a
        reload, and two without, in turns. Client and backend come first, where that is allowed, so
        that what the reload takes of their processor is not taken for ours."""
        hosts = [f"h{number}.{proxies.HOST_SUFFIX}" for number in range(10000)]
        server, port = self.start(hosts, cpus=CPUS)
        with self.clients(server, port, 64, hosts[-1], is_first=True) as load:
            quiet, spent, beside = [], [], []
            for number in range(TURNS // 2):
                quiet.append(load(2000, 1000)[1])
                before, workers = server.settled_cpu_seconds(), self.worker_seconds(server)
                server.process.send_signal(signal.SIGHUP)
                beside.append(load(2000, 1000)[1])
                self.wait_for_reload(server, number + 1)
                after = server.settled_cpu_seconds() - before
                spent.append(after - (self.worker_seconds(server) - workers))
        server.stop()
        yield "reload of 10,000 hosts, off the workers", statistics.median(spent) * 1e3, "ms CPU"
        for title, values in (("quiet", quiet), ("while it reloads", beside)):
            yield f"p99 at 1,000 requests a second, {title}", statistics.median(values), "µs"
            yield f"the same, least disturbed quarter, {title}", bench.typical(values), "µs"

    @staticmethod
    def worker_seconds(server):
        total = 0
        for thread in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
            if (thread / "comm").read_text().startswith("worker-"):
                total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9

    @staticmethod
    def wait_for_reload(server, count):
        deadline = time.monotonic() + 60
        while server.log.read_text(errors="replace").count(" config.reloaded ") < count:
            if time.monotonic() > deadline:
                raise BenchError("the configuration was not reloaded in a minute")
            time.sleep(0.05)


ROWS = {"connections": Scale.by_connections, "hosts": Scale.by_hosts, "routes": Scale.by_routes,
        "workers": Scale.by_workers, "idle": Scale.idle, "latency": Scale.latency,
        "reload": Scale.reload}


def main():
    parser = argparse.ArgumentParser(prog="scripts/scale", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), metavar="ROWS",
                        help="some of " + ",".join(ROWS))
    rows = parser.parse_args().rows.split(",")
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-scale-"))
    try:
        scale = Scale(folder)
        os.sched_setaffinity(0, OTHER_CPUS)
        print("| with | value | unit |\n|---|---:|---|")
        for row in rows:
            for title, value, unit in ROWS[row](scale):
                print(f"| {title} | {bench.shown(value)} | {unit} |", flush=True)
    except (BenchError, OSError) as error:
        sys.exit(f"scripts/scale: {error}")
    finally:
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
