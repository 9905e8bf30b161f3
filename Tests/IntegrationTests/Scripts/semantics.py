"""What HTTP means, over HTTP/2: each function is a scenario of HTTP2SemanticsTests.swift."""

from wire import Client, main


def head(port, ca):
    client = Client(port, ca)
    answer = client.get("/length", method="HEAD")
    assert (answer.status, answer.fields["content-length"], answer.body) == (200, "5", b"")
    answer = client.get("/nowhere", method="HEAD", authority="localhost:%s" % port)
    assert answer.is_ended and answer.reset is None


def no_content(port, ca):
    client = Client(port, ca)
    for status in [204, 304]:
        answer = client.get("/status/%d" % status)
        assert (answer.status, answer.body, answer.is_ended) == (status, b"", True), vars(answer)
    assert "content-length" not in client.get("/status/204").fields


def redirect(port, ca):
    answer = Client(port, ca).get("/redirect")
    assert (answer.status, answer.fields["location"]) == (301, "/length")


def connection_fields(port, ca):
    """Fields of one hop stop here, and names are lower case."""
    answer = Client(port, ca).get("/fields")
    assert answer.status == 200 and answer.fields["x-kept"] == "Yes", answer.fields
    for name in ["connection", "keep-alive", "x-hop", "proxy-connection", "transfer-encoding",
                 "upgrade"]:
        assert name not in answer.fields, name
    assert [value for name, value in answer.list if name == "set-cookie"] == ["a=1", "b=2"]


def trailers_down(port, ca):
    answer = Client(port, ca).get("/trailers", fields=[("te", "trailers")])
    assert answer.text == "hello" and answer.trailers == {"x-sum": "42"}, vars(answer)
    assert "transfer-encoding" not in answer.fields


def trailers_up(port, ca):
    client = Client(port, ca)
    stream = client.request("/echo", method="POST", end=False)
    client.send(stream, b"hello")
    client.session.send_headers(stream.number, [("x-sum", "42")], end_stream=True)
    client.flush()
    client.finish(stream)
    assert "transfer-encoding: chunked" in stream.text.lower(), stream.text
    assert stream.text.endswith("0\r\nx-sum: 42\r\n\r\n"), stream.text


def without_length(port, ca):
    client = Client(port, ca)
    stream = client.request("/echo", method="POST", end=False)
    client.send(stream, b"he")
    client.send(stream, b"llo", end=True)
    client.finish(stream)
    assert "content-length" not in stream.text.lower(), stream.text
    assert stream.text.endswith("0\r\n\r\n"), stream.text


def with_length(port, ca):
    client = Client(port, ca)
    stream = client.request(
        "/echo", method="POST", end=False, fields=[("content-length", "5")])
    client.send(stream, b"hello", end=True)
    client.finish(stream)
    assert "transfer-encoding" not in stream.text.lower(), stream.text
    assert stream.text.endswith("\r\n\r\nhello"), stream.text
    empty = client.get("/echo", method="POST", fields=[("content-length", "0")])
    assert "content-length: 0\r\n" in empty.text.lower(), empty.text


def wrong_length(port, ca):
    """RFC 9113 §8.1.1: the stream is malformed; the connection goes on."""
    client = Client(port, ca)
    stream = client.request(
        "/echo", method="POST", end=False, fields=[("content-length", "5")])
    client.send(stream, b"too long", end=True)
    client.finish(stream)
    assert stream.reset == 1, vars(stream)
    assert client.get("/length").text == "hello"


def to_be_continued(port, ca):
    client = Client(port, ca)
    stream = client.request("/continue", method="POST", end=False, fields=[
        ("expect", "100-continue"), ("content-length", "5")])
    client.until(lambda: stream.interim)
    assert stream.interim[0][0] == 100
    client.send(stream, b"hello", end=True)
    assert client.finish(stream).text == "hello"


def early_hints(port, ca):
    answer = Client(port, ca).get("/hints")
    assert answer.interim == [(103, {"link": "</a.css>; rel=preload"})], answer.interim
    assert (answer.status, answer.text) == (200, "hello")


def cookies(port, ca):
    answer = Client(port, ca).get("/echo", fields=[
        ("cookie", "a=1"), ("x-between", "y"), ("cookie", "b=2"), ("cookie", "c=3")])
    assert "cookie: a=1; b=2; c=3\r\n" in answer.text.lower(), answer.text
    assert answer.text.lower().count("cookie:") == 1


def hosts(port, ca):
    client = Client(port, ca)
    answer = client.get("/echo", fields=[("x-forwarded-for", "6.6.6.6"), ("host", "localhost:1")],
                        authority="localhost:1")
    text = answer.text.lower()
    assert text.count("\r\nhost: localhost:1\r\n") == 1, text
    for line in ["x-forwarded-for: 127.0.0.1", "x-forwarded-proto: https",
                 "x-forwarded-host: localhost:1"]:
        assert "\r\n%s\r\n" % line in text, text
    differing = client.get("/echo", fields=[("host", "other")])
    assert differing.reset == 1, vars(differing)
    assert client.get("/length").text == "hello"


def other_site(port, ca):
    """A host of another site, whose certificate this connection has not seen."""
    client = Client(port, ca)
    assert client.get("/length", authority="other.test").status == 421
    assert client.get("/length").text == "hello"


def site_fields(port, ca):
    client = Client(port, ca)
    for path, status in [("/length", 200), ("/status/204", 204)]:
        answer = client.get(path)
        assert answer.status == status
        assert answer.fields["strict-transport-security"] == "max-age=300", answer.fields
        assert answer.fields["x-content-type-options"] == "nosniff", answer.fields
    refused = client.request("/echo", method="POST", end=False, fields=[
        ("content-length", "99999999")])
    client.finish(refused)
    assert refused.status == 413, vars(refused)
    assert refused.fields["strict-transport-security"] == "max-age=300", refused.fields


def early_answer(port, ca):
    """RFC 9113 §8.1: who is answered before the end of a request is told to stop."""
    client = Client(port, ca)
    for path in ["/early", "/early-empty"]:
        stream = client.request(path, method="POST", end=False)
        client.send(stream, b"x" * 1000)
        client.until(lambda: stream.reset is not None)
        assert (stream.status, stream.is_ended, stream.reset) == (403, True, 0), vars(stream)
    assert client.get("/length").text == "hello"


def cut_off(port, ca):
    client = Client(port, ca)
    for path in ["/cut/length", "/cut/chunked"]:
        answer = client.get(path)
        assert answer.reset == 2 and not answer.is_ended, vars(answer)
    assert client.get("/length").text == "hello"


def until_close(port, ca):
    client = Client(port, ca)
    for _ in range(3):
        answer = client.get("/until-close")
        assert answer.is_ended and answer.text == "x" * 100_000
        answer = client.get("/close")
        assert answer.is_ended and answer.text == "hello" and "connection" not in answer.fields


def cancel(port, ca):
    """The client goes away in the middle of a download: the test looks at the backend."""
    client = Client(port, ca)
    stream = client.request("/endless")
    client.until(lambda: len(stream.body) > 100_000)
    client.session.reset_stream(stream.number, error_code=8)
    client.flush()
    client.settle()
    assert client.get("/length").text == "hello"


def cancel_waiting(port, ca):
    """The client goes away before there is an answer."""
    client = Client(port, ca)
    stream = client.request("/silent")
    other = client.get("/length")
    assert other.text == "hello"
    client.session.reset_stream(stream.number, error_code=8)
    client.flush()
    client.settle()


def upload_cancelled(port, ca):
    client = Client(port, ca)
    stream = client.request("/echo", method="POST", end=False, fields=[("content-length", "10")])
    client.send(stream, b"hello")
    client.settle()
    client.session.reset_stream(stream.number, error_code=8)
    client.flush()
    assert client.get("/length").text == "hello"


if __name__ == "__main__":
    main(globals())
