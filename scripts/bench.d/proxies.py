"""The proxies that are compared, with settings that mean the same, and the backend behind them.

All of them: one worker, HTTP/1.1 and HTTP/2 in front, HTTP/1.1 behind, TLS 1.3 with the same
certificate and one ticket a handshake, no access log, connections to the backend kept alive,
X-Forwarded-For, -Proto and -Host set, and 64 KiB of buffer in each direction, which is Martlet's
default.
"""

import os
import pathlib
import shutil
import subprocess

from processes import PROXY_CPUS, ROOT, BenchError, Server, free_port, inside, run

LARGE = 16 << 20
HUNDRED = 100
HOST_SUFFIX = "bench.example"

# Martlet sends one ticket, and of the peers only nginx has a setting; this one is for everybody.
OPENSSL = """
openssl_conf = settings
[settings]
ssl_conf = tls
[tls]
system_default = defaults
[defaults]
NumTickets = 1
"""

NGINX = """
{user}
worker_processes {workers};
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/output.log crit;
daemon off;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
{body}
}}
"""

BACKEND = """
    sendfile on;
    # The body is read as a whole before the second server answers: an upload counts when it is in.
    client_body_buffer_size 32m;
    server {{
{listens}
        root {folder}/files;
        default_type application/octet-stream;
        location /upload {{
            proxy_pass http://unix:{folder}/sink.sock:/;
            proxy_http_version 1.1;
            add_header X-Request-Length $request_length;
        }}
    }}
    server {{
        listen unix:{folder}/sink.sock;
        location / {{ return 200 "in\\n"; }}
    }}
"""

NGINX_FRONT = """
    ssl_session_tickets on;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_ecdh_curve X25519;
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_buffer_size 16k;
    proxy_buffers 4 64k;
    client_body_buffer_size 64k;
    proxy_max_temp_file_size 0;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $host;
    server_names_hash_max_size 65536;
    server_names_hash_bucket_size 128;
{early}
    upstream echo {{ server 127.0.0.1:{echo}; }}
    upstream backend {{
{backends}
        keepalive 256;
        keepalive_requests 1000000000;
    }}
{servers}
"""

# Neither nginx nor HAProxy heeds replays: of these versions both take the same ticket with early
# data again and again (tried three times each), so that no cache of sessions is needed.
NGINX_EARLY = """
    ssl_early_data on;
    proxy_set_header Early-Data $ssl_early_data;
"""

NGINX_SITE = """
    server {{
        listen 127.0.0.1:{port} ssl http2{options};
        server_name {host};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass http://backend; }}
        location /echo {{
            proxy_pass http://echo;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }}
    }}
"""

HAPROXY_GLOBAL = """
global
    nbthread 1
    tune.bufsize 65536
    ssl-load-extra-files none
    maxconn 8192
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
    ssl-default-bind-curves X25519
    ssl-default-bind-options ssl-min-ver TLSv1.2
"""

HAPROXY = HAPROXY_GLOBAL + """
defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 60s
    timeout http-request 10s
    timeout http-keep-alive 75s
    http-reuse always

frontend front
    bind 127.0.0.1:{port} backlog 1024 ssl {certificates} alpn h2,http/1.1{early}
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    use_backend echo if {{ path /echo }}
    default_backend behind

backend behind
{backends}

backend echo
    timeout tunnel 75s
    server one 127.0.0.1:{echo}
"""

HAPROXY_TCP = HAPROXY_GLOBAL + """
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h

frontend front
    bind 127.0.0.1:{port} backlog 1024 ssl {certificates}
    default_backend behind

backend behind
{backends}
"""

MARTLET = """
workers: 1
listeners:
  - address: "127.0.0.1:{port}"
admin: off
tls: {{ early_data: {early} }}
limits:
  connections_per_address: 16384
  requests_per_connection: 1000000000
sites:
"""

MARTLET_SITE = """\
  - hosts: ["{host}"]
    certificates: [{{ chain: "{certificate}", key: "{key}" }}]
    routes:
      - {{ path: /echo, backend: "http://127.0.0.1:{echo}" }}
      - {{ path: /, backend: behind }}
"""

MARTLET_TCP_SITE = """\
  - hosts: ["{host}"]
    protocol: tcp
    certificates: [{{ chain: "{certificate}", key: "{key}" }}]
    backend: behind
"""

MARTLET_BACKEND = """\
backends:
  behind:
    servers: [{backends}]
"""


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
        settings = folder / "openssl.cnf"
        settings.write_text(OPENSSL)
        self.environment = os.environ | {"OPENSSL_CONF": str(settings)}

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
        body = BACKEND.format(listens=listens, folder=folder)
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


def start_nginx(name, folder, body, environment, entrance=(), workers=1, **options):
    """Starts an nginx that keeps to its folder."""
    user = "user root;" if os.geteuid() == 0 else ""
    settings = NGINX.format(user=user, folder=folder, body=body, files=16384,
                            workers=workers)
    (folder / "nginx.conf").write_text(settings)
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

    def does(self, row, kind=""):
        """True exactly when it can be measured in the row."""
        return kind in self.kinds and (self.rows is None or row in self.rows)


class Nginx(Proxy):
    """Debian's nginx: a master and its workers."""

    name = "nginx"
    # TCP would need a module of a package of its own.
    kinds = ("", "early", "hundred")
    workers, cpus = 1, PROXY_CPUS

    def version(self):
        return run(*inside("/tmp", "nginx", "-v")).strip().rpartition("/")[2]

    def start(self, material, folder, port, hosts, kind):
        # Options of the socket belong to the first that names it; each worker has its own.
        options = " backlog=1024" + (" reuseport" if self.workers > 1 else "")
        sites = [NGINX_SITE.format(port=port, host=host, certificate=material.file(host, "pem"),
                                   key=material.file(host, "key"),
                                   options="" if number else options)
                 for number, host in enumerate(hosts)]
        backends = "\n".join(f"        server 127.0.0.1:{other};"
                             for other in material.behind(kind))
        body = NGINX_FRONT.format(backends=backends, echo=material.echo, servers="".join(sites),
                                  early=NGINX_EARLY if kind == "early" else "")
        return start_nginx(self.name, folder, body, material.environment,
                           inside(material.folder, *self.prefix), self.workers, cpus=self.cpus)


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
        settings = (HAPROXY_TCP if kind == "tcp" else HAPROXY).format(
            port=port, backends=backends, echo=material.echo,
            certificates=f"crt-list {folder}/hosts.list",
            early=" allow-0rtt" if kind == "early" else "")
        (folder / "haproxy.cfg").write_text(settings)
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
        site = MARTLET_TCP_SITE if kind == "tcp" else MARTLET_SITE
        sites = [site.format(host=host, certificate=material.file(host, "pem"),
                             key=material.file(host, "key"), echo=material.echo)
                 for host in hosts]
        head = MARTLET.format(port=port, early="on" if kind == "early" else "off")
        backends = ", ".join(f'"127.0.0.1:{other}"' for other in material.behind(kind))
        (folder / "martlet.yaml").write_text(
            head + "".join(sites) + MARTLET_BACKEND.format(backends=backends))
        binary = self.binary
        if ROOT:
            binary = shutil.copy(self.binary, material.folder / "martlet")
        command = inside(material.folder, *self.prefix, str(binary), "run", "--config",
                         str(folder / "martlet.yaml"))
        return Server(self.name, command, folder, material.environment, PROXY_CPUS)


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


PEERS = (Martlet, Nginx, HAProxy)
PROXIES = {proxy.name: proxy for proxy in (*PEERS, Bare)}
