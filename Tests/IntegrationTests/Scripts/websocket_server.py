"""A WebSocket server by python3-websockets: says its port, and echoes; /page is a page."""

import asyncio
import http

import websockets


async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message)


async def page(path, headers):
    return (http.HTTPStatus.OK, [], b"ok") if path == "/page" else None


async def main():
    server = await websockets.serve(
        echo, "127.0.0.1", 0, max_size=None, subprotocols=["chat.v2"], process_request=page)
    print("port", server.sockets[0].getsockname()[1])
    await asyncio.Future()


asyncio.run(main())
