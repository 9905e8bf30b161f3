"""Writes what a client of HTTP/2 sends first, with one request: path, method, file."""

import sys

import h2.config
import h2.connection

path, method, file = sys.argv[1:]
session = h2.connection.H2Connection(config=h2.config.H2Configuration(client_side=True))
session.initiate_connection()
session.send_headers(1, [
    (":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)],
    end_stream=True)
with open(file, "wb") as output:
    output.write(session.data_to_send())
