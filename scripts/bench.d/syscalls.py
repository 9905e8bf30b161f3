"""Counts the system calls of a proxy for each unit of a load, by strace."""

import collections
import pathlib
import signal
import subprocess
import time

from processes import BenchError


class SystemCalls:
    """strace on the processes of a server, from `begin` to `end`."""

    def __init__(self, server, folder):
        self.server = server
        self.output = folder / "strace.txt"
        self.words = folder / "strace.log"

    def begin(self):
        """Returns once every thread is watched."""
        threads = [thread for pid in self.server.pids()
                   for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        command = ["strace", "-f", "-c", "-U", "name,calls", "-o", str(self.output)]
        for pid in self.server.pids():
            command += ["-p", str(pid)]
        with open(self.words, "wb") as words:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=words)
        deadline = time.monotonic() + 20
        while not all(self.is_watched(thread) for thread in threads):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                words = self.words.read_text(errors="replace").strip().split("\n")
                raise BenchError(f"strace cannot watch {self.server.name}: {words[-1]}")
            time.sleep(0.01)

    @staticmethod
    def is_watched(thread):
        status = (thread / "status").read_text()
        return "\nTracerPid:\t0\n" not in status

    def end(self):
        """How often each was called."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        counts = collections.Counter()
        for line in self.output.read_text().split("\n"):
            words = line.split()
            if len(words) == 2 and words[1].isdigit() and words[0] != "total":
                counts[words[0]] += int(words[1])
        return counts


def table(rows, names):
    """All calls by proxy, and what Martlet's are, in Markdown; nothing where nothing was."""
    if not rows:
        return ""
    text = ["| system calls per | " + " | ".join(names) + " | martlet's |",
            "|---|" + "---:|" * len(names) + "---|"]
    for title, by_proxy in rows.items():
        cells = [f"{sum(by_proxy[name].values()):.2f}" if name in by_proxy else "–"
                 for name in names]
        calls = sorted(by_proxy.get("martlet", {}).items(), key=lambda item: -item[1])
        words = ", ".join(f"{name} {count:.2f}" for name, count in calls if count >= 0.05)
        text.append(f"| {title} | {' | '.join(cells)} | {words} |")
    return "\n".join(text) + "\n\n"
