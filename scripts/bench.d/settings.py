"""The configurations of the proxies that are compared, to be formatted; see proxies.py."""

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
{modules}
worker_processes {workers};
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/output.log crit;
daemon off;
events {{ worker_connections 16384; }}
{body}
"""

NGINX_HTTP = """
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

# None of the peers heeds replays: of these versions all take the same ticket with early data
# again and again (tried three times each), so that no cache of sessions is needed.
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

# Debian packs it apart.
NGINX_MODULES = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"

NGINX_TCP = """
stream {{
    ssl_session_tickets on;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_ecdh_curve X25519;
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_buffer_size 64k;
    proxy_connect_timeout 5s;
    proxy_timeout 1h;
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        proxy_pass 127.0.0.1:{backend};
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

# Hitch has one server, no early data and no size of buffers that its settings know.
HITCH = """
frontend = "[127.0.0.1]:{port}"
backend = "[127.0.0.1]:{backend}"
{certificates}
{user}
workers = 1
daemon = off
tls-protos = TLSv1.2 TLSv1.3
ciphersuites = "TLS_AES_128_GCM_SHA256"
ecdh-curve = "X25519"
log-level = 0
ocsp-dir = ""
backlog = 1024
"""

NGHTTPX = """
frontend=127.0.0.1,{port}
{backends}
backend=127.0.0.1,{echo};/echo
private-key-file={key}
certificate-file={certificate}
{others}
{early}
tls-dyn-rec-warmup-threshold=0
workers=1
single-process=yes
single-thread=yes
backlog=1024
worker-frontend-connections=16384
errorlog-file={folder}/output.log
log-level=FATAL
no-ocsp=yes
no-server-push=yes
tls-min-proto-version=TLSv1.2
tls13-ciphers=TLS_AES_128_GCM_SHA256
ecdh-curves=X25519
backend-request-buffer=64K
backend-response-buffer=64K
backend-keep-alive-timeout=60s
frontend-keep-alive-timeout=75s
no-via=yes
add-x-forwarded-for=yes
strip-incoming-x-forwarded-for=yes
add-request-header=x-forwarded-host: {host}
"""

NGHTTPX_NOT_EARLY = "tls-max-early-data=0"
NGHTTPX_EARLY = """
tls-max-early-data=16K
tls-no-postpone-early-data=yes
"""
