"""A client of PostgreSQL that begins with TLS, as `sslnegotiation=direct` does."""

import hashlib
import socket
import ssl
import struct
import sys

PORT, AUTHORITY = int(sys.argv[2]), sys.argv[3]


class Client:
    """One session: messages of version 3 of the protocol, a type and a length each."""

    def __init__(self):
        context = ssl.create_default_context(cafile=AUTHORITY)
        context.set_alpn_protocols(["postgresql"])
        plain = socket.create_connection(("127.0.0.1", PORT), timeout=120)
        self.socket = context.wrap_socket(
            plain, server_hostname="localhost", suppress_ragged_eofs=False
        )
        assert self.socket.selected_alpn_protocol() == "postgresql"
        self.stream = self.socket.makefile("rb")
        body = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        messages = self.until(b"Z")
        assert messages[0] == (b"R", struct.pack("!i", 0)), messages[0]

    def message(self):
        kind, length = struct.unpack("!ci", self.stream.read(5))
        body = self.stream.read(length - 4)
        assert len(body) == length - 4, "cut"
        assert kind != b"E", body
        return kind, body

    def until(self, last):
        messages = [self.message()]
        while messages[-1][0] != last:
            messages.append(self.message())
        return messages

    def send(self, kind, body=b""):
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def query(self, text, last=b"Z"):
        self.send(b"Q", text.encode() + b"\0")
        return self.until(last)

    def rows(self, text):
        """The first column of each row."""
        found = []
        for kind, body in self.query(text):
            if kind == b"D":
                (length,) = struct.unpack("!i", body[2:6])
                found.append(body[6 : 6 + length])
        return found

    def end(self):
        """Says goodbye; the server closes, and its end is whole."""
        self.send(b"X")
        assert self.stream.read() == b""
        self.socket.unwrap().close()


def queries():
    client = Client()
    assert client.rows("SELECT 41 + 1") == [b"42"]
    numbers = client.rows("SELECT n FROM generate_series(1, 200000) n")
    assert numbers == [b"%d" % n for n in range(1, 200001)]
    assert client.rows("SELECT repeat('bird', 2000000)") == [b"bird" * 2000000]
    client.end()


def copy():
    client = Client()
    client.query("CREATE TEMP TABLE birds (number int, text text)")
    lines = b"".join(b"%d\t%s\n" % (n, b"martlet" * (n % 20 + 1)) for n in range(80000))
    client.query("COPY birds FROM STDIN", last=b"G")
    for start in range(0, len(lines), 70000):
        client.send(b"d", lines[start : start + 70000])
    client.send(b"c")
    assert (b"C", b"COPY 80000\0") in client.until(b"Z")
    # Rows of different lengths are not stored in the order in which they came.
    messages = client.query("COPY (SELECT * FROM birds ORDER BY number) TO STDOUT")
    came = b"".join(body for kind, body in messages if kind == b"d")
    assert len(lines) > 4 << 20
    assert hashlib.sha256(came).digest() == hashlib.sha256(lines).digest()
    client.end()


def sessions():
    """Many at once, as a pool keeps them, each of which has its own state."""
    clients = [Client() for _ in range(20)]
    for index, client in enumerate(clients):
        client.query(f"SET application_name = 'bird-{index}'")
    for index, client in enumerate(clients):
        assert client.rows("SHOW application_name") == [b"bird-%d" % index]
    for client in clients:
        client.end()


{"queries": queries, "copy": copy, "sessions": sessions}[sys.argv[1]]()
print("done")
