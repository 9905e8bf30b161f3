"""RFC 9218: each function is a scenario of PriorityTests.swift.

A bulk download fills what the kernel and the proxy hold for a client that does not read; what is
asked for behind it comes before the rest of the bulk, or not, by its urgency.
"""

import time

from wire import Client, main

BULK = 32 << 20
SMALL = 20_000


def begin(port, ca):
    """A client of whose bulk download more waits than can be on its way."""
    client = Client(port, ca, window=1 << 30, receive_buffer=65_536, wide=True)
    bulk = client.request("/bulk")
    client.until(lambda: len(bulk.body) > 1 << 20)
    return client, bulk


def bulk_at(client, bulk, stream):
    """How much of the bulk had come when a stream ended."""
    client.until(lambda: stream.is_ended)
    return len(bulk.body)


def urgent(port, ca):
    client, bulk = begin(port, ca)
    # Three streams: the server's order is by urgency, not by age.
    late = client.request("/small", fields=[("priority", "u=7")])
    soon = client.request("/small", fields=[("priority", "u=0")])
    assert bulk_at(client, bulk, soon) < BULK // 2
    client.finish(bulk, late)
    assert client.order.index(soon.number) < client.order.index(bulk.number)
    assert client.order.index(bulk.number) < client.order.index(late.number), client.order


def answer_overrides(port, ca):
    """The server's word counts more than the client's (RFC 9218 section 8)."""
    client, bulk = begin(port, ca)
    soon = client.request("/small/urgent", fields=[("priority", "u=7")])
    assert bulk_at(client, bulk, soon) < BULK // 2
    late = client.request("/small/late", fields=[("priority", "u=0")])
    client.finish(bulk, late)
    assert client.order == [soon.number, bulk.number, late.number], client.order
    assert late.fields["priority"] == "u=7"


def update(port, ca):
    """PRIORITY_UPDATE (RFC 9218 section 7.1) moves a stream to the front."""
    client, bulk = begin(port, ca)
    late = client.request("/small", fields=[("priority", "u=7")])
    moved = client.request("/small", fields=[("priority", "u=7")])
    client.settle()
    client.raw(0x10, 0, 0, moved.number.to_bytes(4, "big") + b"u=0")
    assert bulk_at(client, bulk, moved) < BULK // 2
    client.finish(bulk, late)
    assert client.order == [moved.number, bulk.number, late.number], client.order


def update_before(port, ca):
    """PRIORITY_UPDATE may come before the request that it is for."""
    client, bulk = begin(port, ca)
    number = client.session.get_next_available_stream_id()
    client.raw(0x10, 0, 0, number.to_bytes(4, "big") + b"u=0")
    soon = client.request("/small")
    assert soon.number == number
    assert bulk_at(client, bulk, soon) < BULK // 2
    client.finish(bulk)
    assert client.order == [soon.number, bulk.number], client.order


def incremental(port, ca):
    """Streams that are told to share do share; others come one by one."""
    for field, shares in [("u=3, i", True), ("u=3", False)]:
        client = Client(port, ca, window=1 << 30, receive_buffer=65_536)
        # Nothing may leave before all of them wait: the connection's window is still small.
        streams = [client.request("/bulk", fields=[("priority", field)]) for _ in range(2)]
        client.until(lambda: all(stream.status for stream in streams))
        client.session.increment_flow_control_window(1 << 30)
        client.flush()
        client.until(lambda: any(stream.is_ended for stream in streams))
        other = min(len(stream.body) for stream in streams)
        assert (other > BULK // 2) == shares, (field, [len(stream.body) for stream in streams])
        client.close()


if __name__ == "__main__":
    main(globals())
