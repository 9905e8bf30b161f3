"""Windows and memory: each function is a scenario of FlowControlTests.swift."""

import time

from wire import Client, main, say, wait_for

MEBIBYTE = 1 << 20


def greedy_and_shy(port, ca):
    """A stream without a window stops no other on the same connection."""
    client = Client(port, ca, window=0, wide=True)
    shy = client.request("/1m")
    for _ in range(20):
        other = client.request("/1m")
        client.open(other, MEBIBYTE)
        client.finish(other)
        assert len(other.body) == MEBIBYTE and not shy.body
    client.open(shy, MEBIBYTE)
    assert len(client.finish(shy).body) == MEBIBYTE


def hundred(port, ca):
    client = Client(port, ca, window=65_535, wide=True)
    streams = [client.request("/1m") for _ in range(100)]
    client.finish(*streams)
    assert all(stream.is_ended and len(stream.body) == MEBIBYTE for stream in streams)


def hundred_slow(port, ca, go):
    """Nothing is taken until all of it could wait: the test looks at the memory."""
    client = Client(port, ca, window=0, wide=True)
    streams = [client.request("/1m") for _ in range(100)]
    client.until(lambda: all(stream.status for stream in streams))
    say("waiting")
    wait_for(go)
    for stream in streams:
        client.open(stream, MEBIBYTE)
    client.finish(*streams)
    assert all(stream.is_ended and len(stream.body) == MEBIBYTE for stream in streams)


def no_window(port, ca):
    """`response_write` ends a stream whose client never makes room, and only that stream."""
    client = Client(port, ca, window=0, wide=True)
    shut = client.request("/1m")
    own = client.request("/nowhere", authority="localhost")
    begun = time.monotonic()
    client.until(lambda: shut.reset is not None and own.is_over)
    assert shut.reset == 8 and shut.status == 200, vars(shut)
    assert time.monotonic() - begun > 0.9
    open_one = client.request("/1m")
    client.open(open_one, MEBIBYTE)
    assert len(client.finish(open_one).body) == MEBIBYTE


def no_connection_window(port, ca):
    """The window of the connection counts as well."""
    client = Client(port, ca, window=MEBIBYTE, credits=False)
    shut = client.request("/1m")
    client.until(lambda: shut.reset is not None)
    assert shut.reset == 8 and len(shut.body) == 65_535, (shut.reset, len(shut.body))


def drip(port, ca):
    """A byte now and then is not enough either."""
    client = Client(port, ca, window=0, credits=False, wide=True)
    client.socket.settimeout(0.05)
    shut = client.request("/1m")
    begun = time.monotonic()
    while shut.reset is None:
        assert time.monotonic() - begun < 60
        try:
            client.receive()
        except TimeoutError:
            client.open(shut, 1)
    assert shut.reset == 8, vars(shut)


def slow_upload(port, ca, go):
    """The server does not read: the client's window stays shut, until it does."""
    client = Client(port, ca)
    stream = client.request("/slow", method="POST", end=False)
    sent = 0
    client.socket.settimeout(3)
    try:
        while sent < 64 * MEBIBYTE:
            sent += client.send(stream, b"x" * 65_536)
    except TimeoutError:
        pass
    assert sent < 16 * MEBIBYTE, sent
    say("waiting")
    wait_for(go)
    client.socket.settimeout(60)
    while sent < 20 * MEBIBYTE:
        sent += client.send(stream, b"x" * 65_536)
    # What stood in a piece that was not sent to its end is not in `sent`.
    client.session.end_stream(stream.number)
    client.flush()
    client.finish(stream)
    assert int(stream.text) >= sent, (stream.text, sent)


def many_uploads(port, ca):
    """One upload that nobody takes does not stop another, nor a download."""
    client = Client(port, ca)
    stuck = client.request("/slow", method="POST", end=False)
    client.socket.settimeout(3)
    try:
        while True:
            client.send(stuck, b"x" * 65_536)
    except TimeoutError:
        pass
    client.socket.settimeout(60)
    assert client.room(stuck) == 0
    other = client.request("/count", method="POST", end=False)
    client.send(other, b"y" * (2 * MEBIBYTE), end=True)
    assert client.finish(other).text == str(2 * MEBIBYTE), vars(other)
    assert len(client.get("/1m").body) == MEBIBYTE


if __name__ == "__main__":
    main(globals())
