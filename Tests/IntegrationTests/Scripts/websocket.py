"""WebSocket over HTTP/2 (RFC 8441): each function is a scenario of WebSocketTests.swift."""

from websockets.connection import Connection, Side
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import OP_BINARY, OP_CLOSE, OP_CONT, OP_PONG, OP_TEXT

from wire import Client, main, say, wait_for

VERSION = ("sec-websocket-version", "13")


def ask(client, path, fields=(), protocol="websocket"):
    """Asks for a tunnel, without waiting for the answer."""
    assert client.session.remote_settings.enable_connect_protocol == 1
    return client.request(
        path, method="CONNECT", end=False, more=[(":protocol", protocol)],
        fields=[VERSION, *fields])


def connect(client, path, fields=(), status=200):
    stream = ask(client, path, fields)
    client.until(lambda: stream.status or stream.is_over)
    assert stream.status == status, vars(stream)
    return stream


class Talk:
    """WebSocket on a stream."""

    def __init__(self, client, stream, extensions=()):
        self.client, self.stream = client, stream
        self.side = Connection(Side.CLIENT, max_size=None)
        self.side.extensions = list(extensions)
        self.taken = 0

    def send(self):
        for data in self.side.data_to_send():
            if data:
                self.client.send(self.stream, data)

    def receive(self):
        """The next frame."""
        while True:
            for frame in self.frames():
                return frame
            before = len(self.stream.body)
            self.client.until(
                lambda: len(self.stream.body) > before or self.stream.is_over)
            assert not self.stream.is_over or len(self.stream.body) > before, "ended"

    def frames(self):
        data = bytes(self.stream.body[self.taken:])
        self.taken += len(data)
        if data:
            self.side.receive_data(data)
        self.send()
        self.waiting = getattr(self, "waiting", []) + self.side.events_received()
        while self.waiting:
            yield self.waiting.pop(0)

    def message(self):
        parts = []
        while True:
            frame = self.receive()
            assert frame.opcode in (OP_TEXT, OP_BINARY, OP_CONT), frame
            parts.append(frame.data)
            if frame.fin:
                return b"".join(parts)


def server(port, ca):
    """Against a server that others have written."""
    client = Client(port, ca)
    stream = connect(client, "/chat?room=1", [
        ("sec-websocket-protocol", "chat.v1, chat.v2"), ("origin", "https://localhost"),
        ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")])
    assert stream.fields["sec-websocket-protocol"] == "chat.v2", stream.fields
    assert stream.fields["sec-websocket-extensions"].startswith("permessage-deflate")
    for name in ["sec-websocket-accept", "upgrade", "connection"]:
        assert name not in stream.fields, name
    talk = Talk(client, stream, [PerMessageDeflate(False, False, 15, 15)])
    for size in [0, 1, 125, 70_000, 3_000_000]:
        talk.side.send_binary(b"x" * size)
        talk.send()
        assert talk.message() == b"x" * size
    talk.side.send_ping(b"there?")
    talk.send()
    frame = talk.receive()
    assert (frame.opcode, frame.data) == (OP_PONG, b"there?"), frame
    assert client.get("/page").status == 200
    talk.side.send_close(1000, "bye")
    talk.send()
    assert talk.receive().opcode == OP_CLOSE
    client.until(lambda: stream.is_ended)
    client.session.end_stream(stream.number)
    client.flush()
    client.settle()
    assert stream.reset is None, stream.reset


def many(port, ca):
    """Tunnels and pages share a connection."""
    client = Client(port, ca)
    talks = [Talk(client, connect(client, "/chat")) for _ in range(20)]
    for turn in range(5):
        for number, talk in enumerate(talks):
            talk.side.send_text(b"%d %d" % (turn, number))
            talk.send()
        for number, talk in enumerate(talks):
            assert talk.message() == b"%d %d" % (turn, number)
    for talk in talks:
        client.session.reset_stream(talk.stream.number, error_code=8)
    client.flush()
    client.settle()


def half_close(port, ca):
    client = Client(port, ca)
    stream = connect(client, "/half")
    client.send(stream, b"x" * 500_000, end=True)
    client.finish(stream)
    assert stream.text == "got 500000" and stream.is_ended, vars(stream)


def server_first(port, ca):
    """The server ends its side first; the client may go on."""
    client = Client(port, ca)
    stream = connect(client, "/first")
    client.finish(stream)
    assert stream.text == "bye" and stream.is_ended
    client.send(stream, b"x" * 300_000, end=True)
    client.settle()
    assert stream.reset is None


def at_once(port, ca):
    """What the client sends before the answer is kept for the server."""
    client = Client(port, ca)
    stream = ask(client, "/half")
    client.send(stream, b"hello", end=True)
    client.finish(stream)
    assert (stream.status, stream.text) == (200, "got 5"), vars(stream)


def own_key(port, ca):
    client = Client(port, ca)
    stream = connect(client, "/keys", [("sec-websocket-key", "mine"), ("cookie", "a=1")])
    client.finish(stream)
    text = stream.text.lower()
    assert text.startswith("get /keys http/1.1\r\n"), text
    assert text.count("sec-websocket-key:") == 1 and "mine" not in text, text
    for line in ["connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13",
                 "cookie: a=1"]:
        assert "\r\n%s\r\n" % line in text, text
    for name in ["transfer-encoding", "content-length"]:
        assert name not in text, text


def refused(port, ca):
    """A status that is no switch passes, with its body; success would be a lie."""
    client = Client(port, ca)
    for path, status, body in [("/deny", 403, "denied"), ("/moved", 301, "")]:
        stream = connect(client, path, status=status)
        client.finish(stream)
        assert stream.text == body and stream.is_ended, vars(stream)
    for path in ["/success", "/wrong", "/none", "/twice", "/other"]:
        stream = connect(client, path, status=502)
        client.finish(stream)
        assert stream.is_ended, (path, vars(stream))
    assert client.get("/page").status == 200


def other_protocol(port, ca):
    """What is no WebSocket is not implemented, and the connection goes on."""
    client = Client(port, ca)
    stream = client.finish(ask(client, "/plain", protocol="test-proto"))
    assert stream.status == 501, vars(stream)
    assert client.get("/page").status == 200


def idle(port, ca):
    """`tunnel_idle` ends the tunnel, and nothing else of the connection."""
    client = Client(port, ca)
    stream = connect(client, "/hold")
    client.until(lambda: stream.reset is not None)
    assert not stream.is_ended
    assert client.get("/page").status == 200


def cancel(port, ca):
    client = Client(port, ca)
    stream = connect(client, "/hold")
    client.session.reset_stream(stream.number, error_code=8)
    client.flush()
    assert client.get("/page").status == 200


def broken(port, ca):
    """A tunnel that the server resets is reset."""
    client = Client(port, ca)
    stream = connect(client, "/broken")
    client.finish(stream)
    assert stream.reset is not None and not stream.is_ended, vars(stream)
    assert client.get("/page").status == 200


def drain(port, ca, go):
    """A tunnel goes on while the instance drains, and may end by itself."""
    client = Client(port, ca)
    stream = connect(client, "/half")
    say("waiting")
    client.until(lambda: len(client.session.goaways) > 1)
    client.send(stream, b"x" * 1000)
    say("said")
    wait_for(go)
    client.send(stream, b"x" * 1000, end=True)
    client.finish(stream)
    assert stream.text == "got 2000", vars(stream)
    while client.receive():
        pass


def drained(port, ca):
    """One that does not end is cut off when the time is over."""
    client = Client(port, ca)
    stream = connect(client, "/hold")
    say("waiting")
    while client.receive():
        pass
    assert not stream.is_ended


if __name__ == "__main__":
    main(globals())
