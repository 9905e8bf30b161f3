"""One server of scripts/chaos: answers every request with its number and 1 KiB.

    backend.py NUMBER ADDRESS PORT

A line on standard input changes what it does: `well`, `503` (to everything, checks too), `cut`
(every fourth response ends in the middle by a reset). It ends with its standard input.
"""

import asyncio
import socket
import struct
import sys

mode = "well"
count = 0


async def serve(reader, writer):
    global count
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            is_check = head.startswith(b"GET /health ")
            body = (b"%d " % int(sys.argv[1])) * 512
            if mode == "503":
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\n503\n")
                await writer.drain()
                continue
            count += not is_check
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            if mode == "cut" and not is_check and count % 4 == 0:
                writer.write(answer[:600])
                await writer.drain()
                # A reset in place of a proper end.
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            writer.write(answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    global mode
    await asyncio.start_server(serve, sys.argv[2], int(sys.argv[3]), backlog=1024)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        mode = line.decode().strip()


asyncio.run(main())
