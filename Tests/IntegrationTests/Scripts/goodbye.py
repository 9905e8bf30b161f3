"""The end of connections: each function is a scenario of GoodbyeTests.swift."""

from wire import Client, main, say, wait_for

LAST = (1 << 31) - 1


def drain(port, ca, go):
    """Two GOAWAYs: what is asked for between them is still served."""
    client = Client(port, ca)
    slow = client.request("/gated")
    assert client.get("/length").text == "hello"
    say("waiting")
    client.until(lambda: client.session.goaways)
    assert client.session.goaways == [(LAST, 0)], client.session.goaways
    between = client.request("/length")
    client.finish(between)
    assert between.text == "hello"
    client.until(lambda: len(client.session.goaways) > 1)
    assert client.session.goaways[1] == (between.number, 0), client.session.goaways
    refused = client.request("/length")
    client.settle()
    assert not refused.status
    say("said")
    wait_for(go)
    client.finish(slow)
    assert slow.text == "late"
    while client.receive():
        pass
    assert not refused.status


def idle(port, ca):
    """Nobody asks for anything: the connection still ends by GOAWAY."""
    client = Client(port, ca)
    say("waiting")
    while client.receive():
        pass
    assert client.session.goaways[0] == (LAST, 0), client.session.goaways
    assert client.session.goaways[-1] == (0, 0), client.session.goaways


def late_handshake(port, ca, go):
    """Who is amid the handshake hears it, too, and may ask for something."""
    def pause():
        say("waiting")
        wait_for(go)

    client = Client(port, ca, pause=pause)
    assert client.get("/length").text == "hello"
    while client.receive():
        pass
    assert client.session.goaways[0] == (LAST, 0), client.session.goaways
    assert client.session.goaways[-1] == (1, 0), client.session.goaways


def removed(port, ca):
    """The listener is gone: what is under way ends, and so does the connection."""
    client = Client(port, ca)
    assert client.get("/length").text == "hello"
    slow = client.request("/gated")
    say("waiting")
    client.until(lambda: len(client.session.goaways) > 1)
    assert client.session.goaways == [(LAST, 0), (slow.number, 0)], client.session.goaways
    say("said")
    client.finish(slow)
    assert slow.text == "late"
    while client.receive():
        pass


def keep_alive(port, ca):
    client = Client(port, ca)
    assert client.get("/length").text == "hello"
    while client.receive():
        pass
    assert client.session.goaways[-1] == (1, 0), client.session.goaways


def requests_per_connection(port, ca):
    """The tenth request is the last but none that was sent is lost."""
    done = 0
    connections = 0
    while done < 100:
        connections += 1
        client = Client(port, ca)
        streams = []
        while not client.session.goaways and done + len(streams) < 100:
            streams.append(client.request("/length"))
            client.settle()
        client.until(lambda: len(client.session.goaways) > 1 or all(s.is_over for s in streams))
        last = client.session.goaways[-1][0] if client.session.goaways else LAST
        for stream in streams:
            assert stream.number <= last
            client.finish(stream)
            assert stream.text == "hello"
        done += len(streams)
        client.close()
    assert 5 <= connections <= 10, connections


def burst(port, ca):
    """All that was sent in one go is served, though the limit stands in its middle."""
    client = Client(port, ca)
    streams = [client.request("/length") for _ in range(50)]
    client.finish(*streams)
    assert all(stream.text == "hello" for stream in streams)
    client.until(lambda: client.session.goaways)
    assert client.session.goaways[0] == (LAST, 0)
    while client.receive():
        pass


if __name__ == "__main__":
    main(globals())
