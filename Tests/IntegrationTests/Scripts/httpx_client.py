"""httpx, which many programs in Python use: a scenario of HTTP2ClientTests.swift."""

import asyncio
import sys

import httpx

port, ca = sys.argv[1:]
base = "https://localhost:" + port
settings = {"http1": False, "http2": True, "verify": ca, "base_url": base, "timeout": 60}


async def many():
    """A hundred streams of one connection; threads would send streams in a wrong order, since
    httpcore numbers and writes them without a lock."""
    async with httpx.AsyncClient(**settings) as client:
        for answer in await asyncio.gather(*[client.get("/length") for _ in range(100)]):
            assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
            assert answer.text == "hello"


asyncio.run(many())
with httpx.Client(**settings) as client:
    answer = client.get("/redirect", follow_redirects=True)
    assert answer.text == "hello" and answer.url.path == "/length"
    answer = client.post("/echo", content=(b"part %d" % number for number in range(3)))
    assert "transfer-encoding: chunked" in answer.text.lower(), answer.text
    answer = client.post("/echo", data={"a": "b" * 100_000})
    assert answer.text.endswith("b" * 100_000)
    with client.stream("GET", "/endless") as answer:
        for count, _ in enumerate(answer.iter_raw(65_536)):
            if count == 20:
                break
    assert client.head("/length").headers["content-length"] == "5"
    assert client.get("/status/204").status_code == 204
print("done")
