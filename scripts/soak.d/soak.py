"""Handshakes of every kind while the configuration is reloaded; see scripts/soak."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench.d"))

import proxies
from processes import BenchError, Server, free_port, run

MARKS = 10
MOST_GROWTH = 4 << 20
MOST_DESCRIPTORS = 8
PROCESSES = 4
SITES = ("one.soak.example", "two.soak.example", "three.soak.example")

CONFIG = """
listeners:
  - address: "127.0.0.1:{port}"
admin: {{ address: "127.0.0.1:{admin}" }}
workers: 2
event_log: {{ path: "{folder}/events.log", level: error }}
tls:
  early_data: on
  unknown_host: reject
  ticket_rotation: 10s
  ticket_lifetime: 30s
  expiry_warning: 1h
limits: {{ connections_per_address: 4096 }}
timeouts: {{ handshake: {handshake}s }}
sites:
  - hosts: ["one.soak.example"]
    certificates: [{{ chain: "one.soak.example.pem", key: "one.soak.example.key" }}]
    backend: "http://127.0.0.1:{backend}"
  - hosts: ["two.soak.example"]
    certificates: [{{ chain: "two.soak.example.pem", key: "two.soak.example.key" }}]
    tls: {{ client_certificates: {{ mode: required, ca: "client.pem" }} }}
    backend: "http://127.0.0.1:{backend}"
"""

# Every other configuration has one site more.
THIRD = """\
  - hosts: ["three.soak.example"]
    certificates: [{{ chain: "three.soak.example.pem", key: "three.soak.example.key" }}]
    hsts: {{ max_age: 1d }}
    backend: "http://127.0.0.1:{backend}"
"""


class Soak:
    """One instance under load, and what it needs at each mark."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.place = folder / "martlet"
        self.place.mkdir()
        self.material = proxies.Material(folder)
        self.material.start_backend(free_port())
        self.client = folder / "handshakes.out"
        source = pathlib.Path(__file__).with_name("handshakes.c")
        run("gcc", "-O2", "-Wall", "-o", str(self.client), str(source), "-lssl", "-lcrypto")
        self.port, self.admin = free_port(), free_port()
        self.reloads = 0
        self.kinds = {}
        self.problem = None
        self.material.certify(["client", "stranger"])
        for name in ("client.pem", "client.key", "stranger.pem", "stranger.key"):
            shutil.copy(self.material.certificates / name, self.place)
        self.replace_certificates()
        self.configure()
        command = [os.environ["MARTLET_BINARY"], "run", "--config",
                   str(self.place / "martlet.yaml")]
        self.server = Server("martlet", command, self.place, os.environ)
        self.deadline = time.monotonic() + 60 * options.minutes

    def configure(self):
        """Writes a configuration that differs from the one before."""
        text = CONFIG + (THIRD if self.reloads % 2 else "")
        text = text.format(port=self.port, admin=self.admin, folder=self.place,
                           backend=self.material.backends[0], handshake=10 + self.reloads % 7)
        fresh = self.place / "fresh.yaml"
        fresh.write_text(text)
        fresh.rename(self.place / "martlet.yaml")

    def replace_certificates(self):
        """A new key and a new certificate for each site, put in place by rename."""
        fresh = self.place / "fresh"
        fresh.mkdir(exist_ok=True)
        run(str(self.material.generator), str(fresh), text="\n".join(SITES))
        for host in SITES:
            (fresh / f"{host}.key").chmod(0o600)
            for kind in ("key", "pem"):
                (fresh / f"{host}.{kind}").rename(self.place / f"{host}.{kind}")

    def metric(self, name):
        """The sum of a metric's samples, 0 without any; None where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as it:
                text = it.read().decode()
        except OSError:
            self.server.require_alive()
            return None
        values = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.M)
        return sum(map(float, values))

    def wait_until(self, holds, what):
        """Returns once it holds; half a minute at most."""
        end = time.monotonic() + 30
        while not holds():
            if time.monotonic() > end:
                log = (self.place / "events.log").read_text().split("\n")[-4:]
                raise BenchError(f"{what}: not within 30 s; {' | '.join(log)}")
            time.sleep(0.01)

    def reload(self):
        """Changes the configuration, and now and then certificates; returns when it is served."""
        before = self.metric("martlet_config_generation")
        if self.reloads % 10 == 9:
            self.replace_certificates()
        self.reloads += 1
        self.configure()
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: (self.metric("martlet_config_generation") or 0) > before,
                        "a reload")

    def reload_often(self, count):
        try:
            for _ in range(count):
                self.reload()
        except BenchError as error:
            self.problem = error

    def stretch(self):
        """A tenth of all: handshakes and reloads at the same time."""
        reloads = threading.Thread(target=self.reload_often, args=[self.options.reloads // MARKS])
        reloads.start()
        left = max(1, self.deadline - time.monotonic())
        command = [self.client, str(self.port), str(self.options.handshakes // MARKS),
                   str(PROCESSES), str(self.place)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=left)
        except subprocess.TimeoutExpired:
            raise BenchError(f"not done within {self.options.minutes} minutes") from None
        finally:
            reloads.join()
        if self.problem:
            raise self.problem
        self.server.require_alive()
        for line in done.stdout.splitlines():
            name, *counts = line.split("\t")
            before = self.kinds.get(name, [0] * len(counts))
            self.kinds[name] = [old + int(new) for old, new in zip(before, counts)]
        if done.returncode != 0:
            raise BenchError(done.stderr.strip() or f"the clients end with {done.returncode}")

    def mark(self):
        """What the process holds once no client is connected any more."""
        self.wait_until(lambda: self.metric("martlet_connections_active") == 0, "no connections")
        process = pathlib.Path(f"/proc/{self.server.process.pid}")

        def kibibytes(file, field):
            return int(re.search(rf"^{field}:\s+(\d+) kB", (process / file).read_text(), re.M)[1])

        return {"resident": kibibytes("status", "VmRSS"),
                "anonymous": kibibytes("smaps_rollup", "Anonymous"),
                "descriptors": len(list((process / "fd").iterdir())),
                "threads": len(list((process / "task").iterdir()))}

    def run(self):
        """All stretches; a row of the table after each, and what speaks against the instance."""
        self.wait_until(lambda: self.metric("martlet_config_generation"), "the start")
        print("| handshakes | reloads | resident, KiB | anonymous, KiB | descriptors | threads |")
        print("|" + "---:|" * 6, flush=True)
        marks = []
        for number in range(MARKS + 1):
            if number:
                self.stretch()
            marks.append(self.mark())
            cells = [self.options.handshakes // MARKS * number, self.reloads, *marks[-1].values()]
            print("|" + "|".join(f" {cell:,} " for cell in cells) + "|", flush=True)
        print("\n| kind | handshakes | resumed | early data |\n|---|---:|---:|---:|")
        for name, (done, resumed, early, _) in self.kinds.items():
            print(f"| {name} | {done:,} | {resumed:,} | {early:,} |")
        return self.judge(marks[MARKS // 2], marks[MARKS])

    def judge(self, middle, end):
        """Says what the second half added; true exactly when that is little enough."""
        grown = (end["anonymous"] - middle["anonymous"]) * 1024
        opened = end["descriptors"] - middle["descriptors"]
        is_well = grown <= MOST_GROWTH and opened <= MOST_DESCRIPTORS
        print(f"\nThe second half added {grown / 1024:,.0f} KiB of anonymous memory and {opened} "
              f"descriptors: {'well' if is_well else 'TOO MUCH'}.")
        return is_well


def parsed():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--handshakes", type=int, default=200_000, metavar="N")
    parser.add_argument("--reloads", type=int, default=1000, metavar="M")
    parser.add_argument("--minutes", type=int, default=15, metavar="T", help="gives up after that")
    options = parser.parse_args()
    if options.handshakes < MARKS or options.reloads < 0 or options.minutes < 1:
        parser.error("a count out of range")
    return options


def main():
    options = parsed()
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: sys.exit(128 + number))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-soak-"))
    try:
        sys.exit(0 if Soak(options, folder).run() else 1)
    except (BenchError, OSError) as error:
        sys.exit(f"scripts/soak: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


main()
