"""Processes of the bench: started in a folder, measured through /proc, ended by their ids."""

import functools
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


class BenchError(Exception):
    """What ends the bench, in one line."""


CPUS = sorted(os.sched_getaffinity(0))
# The proxies have a processor of their own where there are two, so that nobody moves about.
PROXY_CPUS = set(CPUS[:1])
OTHER_CPUS = set(CPUS[1:] or CPUS)


# A system of its own for the proxies, with the folder of the bench in it; none for this one.
ROOT = os.environ.get("BENCH_ROOT", "")
ENTER = ('mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp" && mkdir -p "$0$1" && '
         'mount --bind "$1" "$0$1" && root=$0 && shift && exec chroot "$root" "$@"')


def inside(folder, *command):
    """The command as it stands, or in the root, where the folder is what it is here. Each step
    replaces the one before, so that the process has the number of what was started."""
    if not ROOT:
        return list(command)
    return ["unshare", "--mount", "sh", "-c", ENTER, ROOT, str(folder), *command]


def free_port():
    """A TCP port of the loopback that the kernel chose and nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, text=""):
    """The output of a command that must succeed, both streams; the text is its input."""
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise BenchError(f"'{' '.join(command)}' failed: {done.stdout.strip()}")
    return done.stdout


class Server:
    """A server process and its children, from start to stop: a process group of their own."""

    running = []

    def __init__(self, name, command, folder, environment, cpus=OTHER_CPUS):
        self.name = name
        self.log = folder / "output.log"
        self.started = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, start_new_session=True,
                preexec_fn=functools.partial(os.sched_setaffinity, 0, cpus))
        Server.running.append(self)

    def pids(self):
        """The process and all its descendants."""
        found = [self.process.pid]
        for pid in found:
            try:
                for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                    found += map(int, children.read_text().split())
            except OSError:
                continue
        return found

    def require_alive(self):
        """Says what the server wrote where it ended on its own."""
        if self.process.poll() is not None:
            words = self.log.read_text(errors="replace").split("\n")
            last = " | ".join(line for line in words[-6:] if line)
            raise BenchError(f"{self.name} ended with {self.process.returncode}: {last}")

    def cpu_seconds(self):
        """User and system time of all its threads since they began, to the nanosecond."""
        self.require_alive()
        nanoseconds = 0
        for pid in self.pids():
            for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
                nanoseconds += int((thread / "schedstat").read_text().split()[0])
        return nanoseconds / 1e9

    def settled_cpu_seconds(self):
        """The same, once it no longer grows: what a load leaves behind belongs to the load."""
        before = self.cpu_seconds()
        for _ in range(20):
            time.sleep(0.05)
            after = self.cpu_seconds()
            if after == before:
                break
            before = after
        return before

    def memory_bytes(self):
        """The proportional set size of all its processes."""
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n"):
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def stop(self):
        """Ends all its processes, politely first."""
        if self in Server.running:
            Server.running.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                print(f"scripts/bench: {self.name} did not stop, and is killed", file=sys.stderr)
        try:
            # The group holds what the process started, and outlives it if anything of that does.
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    @staticmethod
    def stop_all():
        """Ends every server that still runs."""
        for server in list(Server.running):
            server.stop()


def work_in_folder(program, work):
    """Does the work in a folder of its own, as many files open as may be; whatever happens, no
    process and no folder stays behind."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: sys.exit(128 + number))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    try:
        work(folder)
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{program}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # A second signal must not cut the cleaning short.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        Server.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
