"""The proxies that are compared, with settings that mean the same, and the backend behind them.

All of them: one worker, HTTP/1.1 and HTTP/2 in front, HTTP/1.1 behind, TLS 1.3 with the same
certificate and one ticket a handshake, no access log, connections to the backend kept alive,
X-Forwarded-For, -Proto and -Host set, and 64 KiB of buffer in each direction, which is Martlet's
default. But hitch: it hands on bytes and neither reads nor writes a header, has a connection to the
backend for each of a client's, and buffers as it likes. The texts are in settings.py.
"""

import os
import pathlib
import shutil
import subprocess

import settings
from processes import PROXY_CPUS, ROOT, BenchError, Server, free_port, inside, run

LARGE = 16 << 20
HUNDRED = 100
HOST_SUFFIX = "bench.example"


class Material:
    """What all proxies are given: certificates, a backend, OpenSSL's settings."""

    def __init__(self, folder):
        self.folder = folder
        # The ports of the backend: a hundred servers, as far as proxies see.
        self.backends = []
        # The port of the program that echoes what comes through a WebSocket.
        self.echo = None
        self.certificates = folder / "certificates"
        self.certificates.mkdir()
        self.generator = compile_program(folder, "certificates", "-lcrypto")
        defaults = folder / "openssl.cnf"
        defaults.write_text(settings.OPENSSL)
        self.environment = os.environ | {"OPENSSL_CONF": str(defaults)}

    def certify(self, hosts):
        """Makes a certificate for each host that has none."""
        lacking = [host for host in hosts if not self.file(host, "pem").exists()]
        if lacking:
            run(str(self.generator), str(self.certificates), text="\n".join(lacking))

    def file(self, host, kind):
        """The host's certificate (pem), private key (key), or both in one file (pair)."""
        return self.certificates / f"{host}.{kind}"

    def start_backend(self, port):
        """One nginx that serves 1 KiB and a large file from memory and takes uploads."""
        folder = self.folder / "backend"
        (folder / "files").mkdir(parents=True)
        (folder / "files/1k").write_bytes(b"k" * 1024)
        (folder / "files/large").write_bytes(bytes(LARGE))
        self.backends = [port]
        while len(self.backends) < HUNDRED:
            self.backends = sorted({*self.backends, free_port()}, key=lambda other: other != port)
        listens = "".join(f"        listen 127.0.0.1:{other} backlog=4096;\n"
                          for other in self.backends)
        body = settings.BACKEND.format(listens=listens, folder=folder)
        body = settings.NGINX_HTTP.format(folder=folder, body=body)
        return start_nginx("the backend", folder, body, self.environment)

    def behind(self, kind):
        """The ports that proxies balance over."""
        return self.backends if kind == "hundred" else self.backends[:1]

    def start_echo(self, port):
        """A program that changes to WebSocket when asked and echoes what comes."""
        folder = self.folder / "echo"
        folder.mkdir()
        self.echo = port
        program = compile_program(self.folder, "echo")
        return Server("the echo", [str(program), str(port)], folder, self.environment)


def compile_program(folder, name, *libraries):
    """Compiles a C file that stands beside this one; gives the program's path."""
    source = pathlib.Path(__file__).with_name(f"{name}.c")
    run("gcc", "-O2", "-Wall", "-o", str(folder / f"{name}.out"), str(source), *libraries)
    return folder / f"{name}.out"


def start_nginx(name, folder, body, environment, entrance=(), workers=1, modules="",
                **options):
    """Starts an nginx that keeps to its folder."""
    user = "user root;" if os.geteuid() == 0 else ""
    text = settings.NGINX.format(user=user, folder=folder, body=body, files=16384,
                                 workers=workers, modules=modules)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"),
               "-e", str(folder / "output.log")]
    return Server(name, [*entrance, *command], folder, environment, **options)


class Proxy:
    """What a proxy is for the bench: `version`, and `start` with a configuration in a folder."""

    name = ""
    # What it is configured for.
    kinds = ("",)
    # The rows that it can be measured in; None for all.
    rows = None
    # What stands before the command: a tool that watches it.
    prefix = ()
    # Whether it looks at no HTTP, and so does less than the others in all rows of requests.
    forwards_bytes = False

    def does(self, row, kind=""):
        """True exactly when it can be measured in the row."""
        return kind in self.kinds and (self.rows is None or row in self.rows)


class Nginx(Proxy):
    """Debian's nginx: a master and its workers."""

    name = "nginx"
    kinds = ("", "early", "hundred", "tcp")
    workers, cpus = 1, PROXY_CPUS

    def version(self):
        return run(*inside("/tmp", "nginx", "-v")).strip().rpartition("/")[2]

    def start(self, material, folder, port, hosts, kind):
        body = self.tcp(material, port, hosts[0]) if kind == "tcp" else \
            self.http(material, folder, port, hosts, kind)
        return start_nginx(self.name, folder, body, material.environment,
                           inside(material.folder, *self.prefix), self.workers, cpus=self.cpus,
                           modules=settings.NGINX_MODULES if kind == "tcp" else "")

    def http(self, material, folder, port, hosts, kind):
        # Options of the socket belong to the first that names it; each worker has its own.
        options = " backlog=1024" + (" reuseport" if self.workers > 1 else "")
        sites = [settings.NGINX_SITE.format(port=port, host=host,
                                            certificate=material.file(host, "pem"),
                                            key=material.file(host, "key"),
                                            options="" if number else options)
                 for number, host in enumerate(hosts)]
        backends = "\n".join(f"        server 127.0.0.1:{other};"
                             for other in material.behind(kind))
        front = settings.NGINX_FRONT.format(backends=backends, echo=material.echo,
                                            servers="".join(sites),
                                            early=settings.NGINX_EARLY if kind == "early" else "")
        return settings.NGINX_HTTP.format(folder=folder, body=front)

    @staticmethod
    def tcp(material, port, host):
        return settings.NGINX_TCP.format(port=port, certificate=material.file(host, "pem"),
                                         key=material.file(host, "key"),
                                         backend=material.behind("tcp")[0])


class HAProxy(Proxy):
    """Debian's HAProxy: one process with one thread."""

    name = "haproxy"
    kinds = ("", "early", "hundred", "tcp")

    def version(self):
        return run(*inside("/tmp", "haproxy", "-v")).split()[2].partition("-")[0]

    def start(self, material, folder, port, hosts, kind):
        lines = [f"{material.file(host, 'pair')} {host}\n" for host in hosts]
        (folder / "hosts.list").write_text("".join(lines))
        backends = "\n".join(f"    server s{number} 127.0.0.1:{other}"
                             for number, other in enumerate(material.behind(kind)))
        text = (settings.HAPROXY_TCP if kind == "tcp" else settings.HAPROXY).format(
            port=port, backends=backends, echo=material.echo,
            certificates=f"crt-list {folder}/hosts.list",
            early=" allow-0rtt" if kind == "early" else "")
        (folder / "haproxy.cfg").write_text(text)
        command = inside(material.folder, *self.prefix, "haproxy", "-db", "-f",
                         str(folder / "haproxy.cfg"))
        return Server(self.name, command, folder, material.environment, PROXY_CPUS)


class Martlet(Proxy):
    """The release binary, or the one that MARTLET_BINARY names."""

    name = "martlet"
    kinds = ("", "early", "hundred", "tcp")

    def __init__(self):
        self.binary = os.environ.get("MARTLET_BINARY", "")

    def version(self):
        if not self.binary:
            build = pathlib.Path(__file__).resolve().parents[1] / "build"
            built = subprocess.run([str(build)], stdout=subprocess.PIPE, text=True)
            if built.returncode != 0:
                raise BenchError("scripts/build failed; its output stands above")
            self.binary = built.stdout.strip().split("\n")[-1]
        return run(self.binary, "version").strip().split("\n")[0].removeprefix("martlet ")

    def start(self, material, folder, port, hosts, kind):
        site = settings.MARTLET_TCP_SITE if kind == "tcp" else settings.MARTLET_SITE
        sites = [site.format(host=host, certificate=material.file(host, "pem"),
                             key=material.file(host, "key"), echo=material.echo)
                 for host in hosts]
        head = settings.MARTLET.format(port=port, early="on" if kind == "early" else "off")
        backends = ", ".join(f'"127.0.0.1:{other}"' for other in material.behind(kind))
        (folder / "martlet.yaml").write_text(
            head + "".join(sites) + settings.MARTLET_BACKEND.format(backends=backends))
        binary = self.binary
        if ROOT:
            binary = shutil.copy(self.binary, material.folder / "martlet")
        command = inside(material.folder, *self.prefix, str(binary), "run", "--config",
                         str(folder / "martlet.yaml"))
        return Server(self.name, command, folder, material.environment, PROXY_CPUS)


class Hitch(Proxy):
    """Debian's hitch: a process and its worker, which end TLS and hand on bytes."""

    name = "hitch"
    kinds = ("", "tcp")
    # What needs a look at HTTP, or HTTP/1.1 behind HTTP/2, it cannot do.
    rows = ("full", "resumed", "keepalive", "download", "upload", "tcp", "tcp-exchange",
            "tcp-download", "memory", "start-up")
    forwards_bytes = True

    def version(self):
        return run(*inside("/tmp", "hitch", "--version")).split()[1]

    def start(self, material, folder, port, hosts, kind):
        # The last is the one for clients that name no host.
        certificates = "\n".join(f'pem-file = "{material.file(host, "pair")}"'
                                 for host in reversed(hosts))
        # As whoever starts it: under another name valgrind cannot write its counts.
        user = 'user = "root"\ngroup = "root"' if os.geteuid() == 0 else ""
        text = settings.HITCH.format(port=port, backend=material.behind(kind)[0], user=user,
                                     certificates=certificates)
        (folder / "hitch.conf").write_text(text)
        command = inside(material.folder, *self.prefix, "hitch",
                         f"--config={folder / 'hitch.conf'}")
        return Server(self.name, command, folder, material.environment, PROXY_CPUS)


class Nghttpx(Proxy):
    """Debian's nghttpx: one process with one thread."""

    name = "nghttpx"
    kinds = ("", "early", "hundred")

    def version(self):
        return run(*inside("/tmp", "nghttpx", "--version")).strip().rpartition("/")[2]

    def start(self, material, folder, port, hosts, kind):
        backends = "\n".join(f"backend=127.0.0.1,{other}" for other in material.behind(kind))
        early = settings.NGHTTPX_EARLY if kind == "early" else settings.NGHTTPX_NOT_EARLY
        others = "\n".join(f"subcert={material.file(host, 'key')}:{material.file(host, 'pem')}"
                           for host in hosts[1:])
        text = settings.NGHTTPX.format(
            port=port, backends=backends, echo=material.echo, folder=folder, host=hosts[0],
            key=material.file(hosts[0], "key"), certificate=material.file(hosts[0], "pem"),
            others=others, early=early)
        (folder / "nghttpx.conf").write_text(text)
        command = inside(material.folder, *self.prefix, "nghttpx",
                         f"--conf={folder / 'nghttpx.conf'}")
        # It would read the system's authorities anew for each host.
        environment = material.environment | {"SSL_CERT_FILE": "/dev/null"}
        return Server(self.name, command, folder, environment, PROXY_CPUS)


class Bare(Proxy):
    """The least that a proxy can spend (bare.c): a measuring rod for some rows, and no peer."""

    name = "bare"
    kinds = ("", "early")
    rows = ("full", "resumed", "early", "keepalive", "download", "upload")

    def version(self):
        return run(*inside("/tmp", "openssl", "version")).split()[1]

    def start(self, material, folder, port, hosts, kind):
        program = compile_program(material.folder, "bare", "-lssl", "-lcrypto")
        files = [str(material.file(hosts[0], file)) for file in ("pem", "key")]
        command = inside(material.folder, *self.prefix, str(program), str(port),
                         str(material.behind(kind)[0]), *files, "1" if kind == "early" else "0")
        return Server(self.name, command, folder, material.environment, PROXY_CPUS)


# Martlet, and what may be in its place.
PEERS = (Martlet, Nginx, HAProxy, Hitch, Nghttpx)
PROXIES = {proxy.name: proxy for proxy in (*PEERS, Bare)}
