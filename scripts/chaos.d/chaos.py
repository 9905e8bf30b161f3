"""Counts failed requests while servers fail; see scripts/chaos."""

import argparse
import asyncio
import collections
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.with_name("bench.d")))
from processes import BenchError, Server, free_port  # noqa: E402

# Martlet is told to wait a second for a server: HAProxy does so between its retries by itself.
MARTLET = """\
listeners: [{{ address: "127.0.0.1:{port}", tls: false }}]
admin: off
workers: 1
sites: [{{ hosts: ["localhost"], backend: api }}]
backends:
  api:
    discovery: {{ file: "servers.txt" }}
    timeouts: {{ connect: 1s, first_byte: 2s, between_bytes: 2s }}
    retries: {{ attempts: 2, on: [connect, reset, 503, first_byte_timeout], budget: 100, wait: 1s }}
    health: {{ path: /health, interval: 1s, timeout: 1s, rise: 2, fall: 2 }}
event_log: {{ level: debug }}
"""
HAPROXY = """\
global
    nbthread 1
    stats socket {folder}/control mode 600 level admin
defaults
    mode http
    timeout connect 1s
    timeout server 2s
    timeout client 30s
    timeout check 1s
    retries 2
    option redispatch 1
    retry-on conn-failure empty-response response-timeout 503
frontend front
    bind 127.0.0.1:{port}
    default_backend api
backend api
    balance roundrobin
    option httpchk GET /health
    http-check send hdr Host localhost
    default-server check inter 1s rise 2 fall 2
{servers}
"""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE = 8


class Backends:
    """Three servers and where they are."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = {}
        self.places = {number: ("127.0.0.1", free_port()) for number in (1, 2, 3)}
        for number in self.places:
            self.start(number)

    def start(self, number):
        address, port = self.places[number]
        process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "backend.py"), str(number), address, str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "ready\n":
            raise BenchError(f"server {number} does not start")
        self.processes[number] = process

    def tell(self, number, mode):
        self.processes[number].stdin.write(mode + "\n")
        self.processes[number].stdin.flush()

    def kill(self, number):
        process = self.processes.pop(number)
        process.kill()
        process.wait()

    def signal(self, number, which):
        self.processes[number].send_signal(which)

    def move(self, number):
        """Starts the server at another address; the old one goes on until it is forgotten."""
        old = self.processes.pop(number)
        self.places[number] = (f"127.0.0.{number + 1}", free_port())
        self.start(number)
        return old

    def stop(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


class MartletFront:
    name = "martlet"

    def __init__(self, folder, port, backends):
        self.folder, self.backends = folder, backends
        self.publish()
        (folder / "martlet.yaml").write_text(MARTLET.format(port=port))
        self.server = Server(
            "martlet", [os.environ["MARTLET_BINARY"], "run", "--config", "martlet.yaml"], folder,
            dict(os.environ))

    def publish(self):
        lines = "".join(f"{host}:{port}\n" for host, port in self.backends.places.values())
        (self.folder / "new.txt").write_text(lines)
        (self.folder / "new.txt").rename(self.folder / "servers.txt")

    def moved(self, number):
        self.publish()


class HAProxyFront:
    name = "haproxy"

    def __init__(self, folder, port, backends):
        self.folder, self.backends = folder, backends
        servers = "\n".join(f"    server s{number} {host}:{at}"
                            for number, (host, at) in backends.places.items())
        (folder / "haproxy.cfg").write_text(
            HAPROXY.format(folder=folder, port=port, servers=servers))
        self.server = Server("haproxy", ["haproxy", "-db", "-f", "haproxy.cfg"], folder,
                             dict(os.environ))

    def moved(self, number):
        host, port = self.backends.places[number]
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.folder / "control"))
            control.sendall(f"set server api/s{number} addr {host} port {port}\n".encode())
            control.recv(4096)


class Load:
    """Clients that ask steadily, each on a connection of its own that it keeps."""

    def __init__(self, port, clients, seconds):
        self.port, self.clients, self.until = port, clients, time.monotonic() + seconds
        self.good, self.bad = 0, collections.Counter()

    async def client(self, number):
        reader = writer = None
        turn = time.monotonic() + number / self.clients / 5
        while turn < self.until:
            await asyncio.sleep(max(0, turn - time.monotonic()))
            turn = max(turn + 0.2, time.monotonic())
            try:
                async with asyncio.timeout(PATIENCE):
                    if writer is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.write(REQUEST)
                    keeps = await self.answer(reader)
            except (OSError, EOFError, TimeoutError) as error:
                self.bad[type(error).__name__] += 1
                keeps = False
            if not keeps and writer is not None:
                writer.close()
                reader = writer = None

    async def answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        status = int(head.split()[1])
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        if status == 200 and len(body) == 1024 and body == body[:2] * 512:
            self.good += 1
        else:
            self.bad[str(status)] += 1
        return fields.get("connection") != "close"

    async def run(self, story):
        async with asyncio.TaskGroup() as group:
            for number in range(self.clients):
                group.create_task(self.client(number))
            group.create_task(story)


async def kill(backends, front, seconds):
    await asyncio.sleep(seconds * 0.2)
    backends.kill(1)


async def restart(backends, front, seconds):
    for number in (1, 2, 3):
        await asyncio.sleep(seconds * 0.08)
        backends.kill(number)
        await asyncio.sleep(seconds * 0.04)
        backends.start(number)
        # As a deployment does: the next one when checks have found this one.
        await asyncio.sleep(max(seconds * 0.15, 2.5))


async def pause(backends, front, seconds):
    await asyncio.sleep(seconds * 0.2)
    backends.signal(2, signal.SIGSTOP)
    await asyncio.sleep(seconds * 0.5)
    backends.signal(2, signal.SIGCONT)


async def errors(backends, front, seconds):
    await asyncio.sleep(seconds * 0.2)
    backends.tell(3, "503")
    await asyncio.sleep(seconds * 0.5)
    backends.tell(3, "well")


async def cut(backends, front, seconds):
    await asyncio.sleep(seconds * 0.2)
    backends.tell(1, "cut")
    await asyncio.sleep(seconds * 0.3)
    backends.tell(1, "well")


async def move(backends, front, seconds):
    for number in (1, 2, 3):
        await asyncio.sleep(seconds * 0.1)
        old = backends.move(number)
        front.moved(number)
        await asyncio.sleep(max(seconds * 0.1, 1.5))
        old.kill()
        old.wait()


async def all_down(backends, front, seconds):
    await asyncio.sleep(seconds * 0.2)
    for number in (1, 2, 3):
        backends.kill(number)
    await asyncio.sleep(1.5)
    for number in (1, 2, 3):
        backends.start(number)


STORIES = {
    "kill": ("one of three killed", kill),
    "restart": ("each killed and restarted in turn", restart),
    "pause": ("one stopped (SIGSTOP) and continued", pause),
    "503": ("one answers 503 to everything", errors),
    "cut": ("one cuts every fourth response in the middle", cut),
    "move": ("each moved to another address in turn", move),
    "down": ("all killed, back after 1.5 s", all_down),
}


def wait_for(front, port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        front.server.require_alive()
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as stream:
                stream.sendall(REQUEST)
                if stream.recv(64).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise BenchError(f"{front.name} does not answer")


def play(kind, name, folder, clients, seconds):
    """One scenario with one proxy: how many requests there were, and which failed how."""
    place = folder / f"{kind.name}-{name}"
    place.mkdir()
    backends, port = Backends(place), free_port()
    front = kind(place, port, backends)
    try:
        wait_for(front, port)
        load = Load(port, clients, seconds)
        asyncio.run(load.run(STORIES[name][1](backends, front, seconds)))
        front.server.require_alive()
        return load.good + load.bad.total(), load.bad
    finally:
        front.server.stop()
        backends.stop()


def shown(result):
    total, bad = result
    causes = ", ".join(f"{count} {cause}" for cause, count in bad.most_common())
    return f"{bad.total()} of {total:,}" + (f" ({causes})" if causes else "")


def main():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--only", default=",".join(STORIES), metavar="NAMES")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=200)
    options = parser.parse_args()
    names = options.only.split(",")
    for name in names:
        if name not in STORIES:
            parser.error(f"unknown scenario '{name}'; some of {','.join(STORIES)}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-chaos-"))
    worse = []
    try:
        print("| scenario | martlet | haproxy |\n|---|---|---|")
        for name in names:
            results = {kind.name: play(kind, name, folder, options.clients, options.seconds)
                       for kind in (MartletFront, HAProxyFront)}
            print(f"| {STORIES[name][0]} | {shown(results['martlet'])} "
                  f"| {shown(results['haproxy'])} |", flush=True)
            if results["martlet"][1].total() > results["haproxy"][1].total():
                worse.append(name)
    except BenchError as error:
        sys.exit(f"scripts/chaos: {error}")
    finally:
        for server in list(Server.running):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if worse:
        sys.exit(f"scripts/chaos: more failures than HAProxy has: {', '.join(worse)}")


main()
