"""A client of HTTP/2 for scenarios: python3-h2 on a TLS socket that blocks."""

import inspect
import os
import socket
import ssl
import struct
import sys
import time

import h2.config
import h2.connection
import h2.events
import h2.settings

PATIENCE = 60


class Connection(h2.connection.H2Connection):
    """The session, but a GOAWAY ends nothing that has begun (RFC 9113 §6.8)."""

    def __init__(self):
        super().__init__(
            config=h2.config.H2Configuration(
                client_side=True, header_encoding="utf-8", validate_outbound_headers=False))
        self.goaways = []

    def _receive_goaway_frame(self, frame):
        self.goaways.append((frame.last_stream_id, frame.error_code))
        return [], []


class Stream:
    def __init__(self, number):
        self.number = number
        self.interim = []
        self.status = None
        self.fields = {}
        self.body = bytearray()
        self.trailers = None
        self.is_ended = False
        self.reset = None

    @property
    def is_over(self):
        return self.is_ended or self.reset is not None

    @property
    def text(self):
        return self.body.decode()


class Client:
    """`window` is what each stream may send at first; `credits` opens windows as data comes."""

    def __init__(self, port, ca, window=65535, credits=True, receive_buffer=None, wide=False,
                 pause=None):
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2"])
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(PATIENCE)
        plain.connect(("127.0.0.1", int(port)))
        if pause:
            pause()
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.port = port
        self.credits = credits
        self.session = Connection()
        self.session.local_settings = h2.settings.Settings(
            client=True, initial_values={
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window,
            })
        self.session.initiate_connection()
        if wide:
            self.session.increment_flow_control_window(1 << 30)
        self.streams = {}
        self.order = []
        self.pieces = []
        self.pings = 0
        self.is_closed = False
        self.flush()
        self.until(lambda: self.session.remote_settings.max_concurrent_streams < 1 << 20)

    def flush(self):
        data = self.session.data_to_send()
        if data:
            self.socket.sendall(data)

    def request(self, path, method="GET", fields=(), end=True, authority=None, more=()):
        number = self.session.get_next_available_stream_id()
        self.streams[number] = Stream(number)
        head = [(":method", method), (":scheme", "https"), (":path", path),
                (":authority", authority or "localhost:%s" % self.port)]
        self.session.send_headers(number, head + list(more) + list(fields), end_stream=end)
        self.flush()
        return self.streams[number]

    def room(self, stream):
        return 0 if stream.is_over else self.session.local_flow_control_window(stream.number)

    def send(self, stream, data, end=False):
        """Sends as the windows allow; stops where the server has ended the stream."""
        offset = 0
        while offset < len(data):
            self.until(lambda: self.room(stream) > 0 or stream.is_over)
            if stream.is_over:
                return offset
            count = min(self.room(stream), 16384, len(data) - offset)
            self.session.send_data(stream.number, data[offset:offset + count])
            offset += count
            self.flush()
        if end:
            self.session.end_stream(stream.number)
            self.flush()
        return offset

    def raw(self, kind, flags, stream, payload):
        """Sends a frame past the session."""
        self.flush()
        self.socket.sendall(
            struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
            + struct.pack(">I", stream) + payload)

    def open(self, stream, count):
        """Lets the server send so much more on a stream."""
        self.session.increment_flow_control_window(count, stream.number)
        self.flush()

    def receive(self):
        """Reads once; false at the end."""
        try:
            data = self.socket.recv(65536)
        except (ssl.SSLEOFError, ConnectionResetError):
            data = b""
        if not data:
            self.is_closed = True
            return False
        for event in self.session.receive_data(data):
            self.take(event)
        self.flush()
        return True

    def take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.InformationalResponseReceived):
            fields = dict(event.headers)
            stream.interim.append((int(fields.pop(":status")), fields))
        elif isinstance(event, h2.events.ResponseReceived):
            stream.fields = dict(event.headers)
            stream.list = event.headers
            stream.status = int(stream.fields.pop(":status"))
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            if event.data:
                self.pieces.append(event.stream_id)
            if self.credits and event.flow_controlled_length:
                self.session.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.is_ended = True
            self.order.append(stream.number)
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = event.error_code
        elif isinstance(event, h2.events.PingAckReceived):
            self.pings += 1

    def until(self, condition):
        """Reads until something holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert not self.is_closed, "closed: %s" % self.session.goaways
            assert time.monotonic() < end, "not in time"
            self.receive()

    def finish(self, *streams):
        self.until(lambda: all(stream.is_over for stream in streams))
        return streams[0]

    def get(self, path, **more):
        return self.finish(self.request(path, **more))

    def settle(self):
        """Reads what is on its way: a PING's answer comes behind it."""
        before = self.pings
        self.session.ping(b"settle!!")
        self.flush()
        self.until(lambda: self.pings > before)

    def close(self):
        self.socket.close()


def say(*words):
    """Tells the test something."""
    print(*words, flush=True)


def wait_for(path):
    """Waits until the test has written a file."""
    end = time.monotonic() + PATIENCE
    while not os.path.exists(path):
        assert time.monotonic() < end, "no " + path
        time.sleep(0.01)


def main(scenarios):
    """Runs the scenario that the command line names, with its other arguments."""
    name, *arguments = sys.argv[1:]
    function = scenarios[name]
    assert inspect.isfunction(function), name
    function(*arguments)
    say("done")
