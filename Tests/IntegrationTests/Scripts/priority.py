"""RFC 9218: each function is a scenario of PriorityTests.swift.

Most shut the window of the connection, wait until everything is there that they have asked for,
open the window, and look at the order in which the pieces come.
"""

from wire import Client, main, say, wait_for

BULK = 32 << 20
WIDE = 1 << 30


def bulk(port, ca):
    """What is urgent comes before the rest of a download that waits for its client."""
    client = Client(port, ca, window=WIDE, receive_buffer=65_536, wide=True)
    large = client.request("/bulk")
    for _ in range(5):
        before = len(large.body)
        client.until(lambda: len(large.body) > before + (1 << 20))
        before = len(large.body)
        client.finish(client.request("/small", fields=[("priority", "u=0")]))
        assert len(large.body) - before < 8 << 20, len(large.body) - before
    client.finish(large)
    assert len(large.body) == BULK


class Shut(Client):
    """A client whose connection has no window left."""

    def __init__(self, port, ca):
        super().__init__(port, ca, window=WIDE, credits=False)
        self.finish(self.request("/fill"))
        assert self.session.inbound_flow_control_window == 0
        self.pieces = []

    def ask(self, path="/small", field=None):
        stream = self.request(path, fields=[("priority", field)] if field else [])
        self.until(lambda: stream.status)
        return stream

    def update(self, number, field):
        """PRIORITY_UPDATE (RFC 9218 §7.1)."""
        self.raw(0x10, 0, 0, number.to_bytes(4, "big") + field.encode())

    def arrival(self, go, *streams):
        """Opens the window once all is there; whose piece came in which place."""
        self.settle()
        say("waiting")
        wait_for(go)
        self.session.increment_flow_control_window(WIDE)
        self.flush()
        self.finish(*streams)
        assert all(len(stream.body) == 60_000 for stream in streams)
        return [self.pieces.index(stream.number) for stream in streams]


def ordered(places):
    return places == sorted(places)


def field(port, ca, go):
    client = Shut(port, ca)
    late = client.ask(field="u=7")
    usual = client.ask()
    soon = client.ask(field="u=0")
    assert ordered(client.arrival(go, soon, usual, late)), client.pieces


def answer(port, ca, go):
    """The server's word counts more than the client's (RFC 9218 §8)."""
    client = Shut(port, ca)
    late = client.ask("/small/late", "u=0")
    usual = client.ask()
    soon = client.ask("/small/urgent", "u=7")
    assert late.fields["priority"] == "u=7"
    assert ordered(client.arrival(go, soon, usual, late)), client.pieces


def update(port, ca, go):
    client = Shut(port, ca)
    late = client.ask(field="u=0")
    usual = client.ask()
    soon = client.ask(field="u=7")
    client.update(late.number, "u=7")
    client.update(soon.number, "u=0")
    assert ordered(client.arrival(go, soon, usual, late)), client.pieces


def update_before(port, ca, go):
    """It may come before the request that it is for."""
    client = Shut(port, ca)
    usual = client.ask()
    client.update(client.session.get_next_available_stream_id(), "u=0")
    soon = client.ask()
    assert ordered(client.arrival(go, soon, usual)), client.pieces


def update_of_nothing(port, ca, go):
    """Nonsense, and what is for streams that are over, is ignored."""
    client = Shut(port, ca)
    usual = client.ask()
    client.update(usual.number, "u=99, ;;;")
    client.update(1, "u=0")
    other = client.ask(field="u=, i=4, \"")
    client.arrival(go, usual, other)


def one_by_one(port, ca, go):
    client = Shut(port, ca)
    streams = [client.ask(field="u=3") for _ in range(3)]
    client.arrival(go, *streams)
    assert ordered(client.pieces), client.pieces


def together(port, ca, go):
    client = Shut(port, ca)
    streams = [client.ask(field="u=3, i") for _ in range(3)]
    client.arrival(go, *streams)
    assert len(set(client.pieces[:6])) == 3, client.pieces


if __name__ == "__main__":
    main(globals())
