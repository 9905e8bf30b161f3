"""A server of HTTP/2 in cleartext by python3-h2: says its port, and answers each request with its
fields, one in a line."""

import socket
import threading

import h2.config
import h2.connection
import h2.events


def serve(connection):
    config = h2.config.H2Configuration(client_side=False, header_encoding="latin-1")
    session = h2.connection.H2Connection(config)
    session.initiate_connection()
    connection.sendall(session.data_to_send())
    fields = {}
    while data := connection.recv(65536):
        for event in session.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                fields[event.stream_id] = event.headers
            if isinstance(event, h2.events.StreamEnded):
                lines = [f"{name}: {value}" for name, value in fields.pop(event.stream_id)]
                body = "\n".join(lines).encode("latin-1")
                session.send_headers(
                    event.stream_id,
                    [(":status", "200"), ("content-length", str(len(body))), ("server", "h2")])
                session.send_data(event.stream_id, body, end_stream=True)
        connection.sendall(session.data_to_send())


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
