"""Runs the scanners of scripts/audit against one instance, and judges what they say."""

import argparse
import datetime
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

import certificates
import scanners

CONFIG = """
listeners:
  - address: "127.0.0.1:0"
admin: off
workers: 2
tls: { policy: intermediate }
sites:
  - hosts: ["localhost"]
    certificates:
      - { chain: "ecdsa.pem", key: "ecdsa.key" }
      - { chain: "rsa.pem", key: "rsa.key" }
    backend: "http://127.0.0.1:%d"
    hsts: { max_age: 730d, include_subdomains: true }
    security_headers: true
"""


class Page(http.server.BaseHTTPRequestHandler):
    """A backend that says nothing of itself."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answers with one small page."""
        body = b"<!doctype html><title>audit</title>\n"
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET


def start_martlet(binary, folder, backend):
    """The process, and the port that it listens on."""
    (folder / "martlet.yaml").write_text(CONFIG % backend)
    log = folder / "events.log"
    with open(log, "wb") as events:
        process = subprocess.Popen(
            [binary, "run", "--config", str(folder / "martlet.yaml")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=events)
    for _ in range(600):
        text = log.read_text()
        if "server.ready" in text:
            return process, int(re.search(r"listener\.opened address=\S*:(\d+)", text).group(1))
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    sys.exit(f"scripts/audit: Martlet did not start: {log.read_text()}")


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/audit")
    parser.add_argument("--binary", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--only", default=",".join(scanners.ALL),
        help=f"some of {', '.join(scanners.ALL)}, parted by commas")
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    if unknown := set(arguments.only) - set(scanners.ALL):
        parser.error(f"no such scanner: {', '.join(sorted(unknown))}")
    return arguments


def main():
    """Scans, prints, and returns the exit code."""
    arguments = parse_arguments()
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    bad = 0
    verdicts = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificates.make(folder)
        process, port = start_martlet(arguments.binary, folder, backend.server_port)
        try:
            for scanner in arguments.only:
                result = scanners.ALL[scanner](port, folder / "ca.pem", arguments.folder)
                print(f"==> {result.version}", flush=True)
                for text, reason in result.excluded:
                    print(f"    not counted: {text}\n        {reason}")
                for text in result.findings:
                    print(f"    FINDING: {text}")
                print(f"    {result.summary}", flush=True)
                bad += len(result.findings)
                verdicts.append(result.version)
        finally:
            process.terminate()
            process.wait(60)
    version = subprocess.run(
        [arguments.binary, "version"], capture_output=True, text=True, check=False).stdout
    print(f"\nverdict: {bad or 'no'} finding{'' if bad == 1 else 's'}; "
          f"{datetime.date.today()}, {', '.join(verdicts)}; {version.strip()}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
