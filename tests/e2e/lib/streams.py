#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
streams.py - a server of what takes its time, and the client that measures it

streams.py serve ADDRESS PORT [CERTIFICATE KEY]     "READY" on standard output once it listens
streams.py measure HOST PORT COUNT EVENTS MS        so many streams at once, their delays as one line of JSON

GET /events/COUNT/MS is that many server-sent events, one in so many milliseconds, each the time at which it was sent
(ns since 1970). GET /bytes/N is bytes that follow from N, /digest/N the SHA-256 of them. POST is answered with the
body's length and SHA-256. An upgrade to WebSocket has its frames sent back.
"""
import asyncio
import hashlib
import json
import ssl
import sys
import time

BLOCK = 1 << 16


def blocks(size):
    """The bytes of /bytes/N: each block says which it is, so that none can be lost or come twice."""
    for at in range(0, size, BLOCK):
        yield (b"%016x" % at * (BLOCK // 16))[:size - at]


def digest(size):
    whole = hashlib.sha256()
    for block in blocks(size):
        whole.update(block)
    return whole.hexdigest()


async def read_body(reader, fields):
    if fields.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(fields.get("content-length", 0)))
    body = b""
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


async def send_events(writer, count, ms):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(count):
        await asyncio.sleep(ms / 1000)
        event = b"data: %d\n\n" % time.time_ns()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
    writer.write(b"0\r\n\r\n")


async def answer(reader, writer, line, fields):
    method, path, _ = line.split(" ")
    words = path.strip("/").split("/")
    if fields.get("upgrade") == "websocket":
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     b"Sec-WebSocket-Accept: x\r\n\r\n")
        while data := await reader.read(BLOCK):
            writer.write(data)
            await writer.drain()
        return False
    if words[0] == "events":
        await send_events(writer, int(words[1]), int(words[2]))
        return True
    if words[0] == "bytes":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % int(words[1]))
        for block in blocks(int(words[1])):
            writer.write(block)
            await writer.drain()
        return True
    text = f"of {path}\n"
    if words[0] == "digest":
        text = digest(int(words[1])) + "\n"
    if method in ("POST", "PUT"):
        if fields.get("expect") == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await read_body(reader, fields)
        text = f"{len(body)} {hashlib.sha256(body).hexdigest()}\n"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text.encode()))
    return True


async def serve_one(reader, writer):
    try:
        goes_on = True
        while goes_on and (head := await reader.readuntil(b"\r\n\r\n")):
            line, *rest = head.decode("latin-1").strip().split("\r\n")
            pairs = [field.partition(":") for field in rest]
            fields = {name.lower(): value.strip().lower() for name, _, value in pairs}
            goes_on = await answer(reader, writer, line, fields)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError, ValueError):
        pass
    finally:
        writer.close()


async def serve(address, port, *pair):
    context = None
    if pair:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
    server = await asyncio.start_server(serve_one, address, int(port), ssl=context, backlog=4096)
    print("READY", flush=True)
    await server.serve_forever()


async def measure_one(host, port, events, ms, delays):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /events/{events}/{ms} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    seen = 0
    while seen < events:
        line = await asyncio.wait_for(reader.readline(), 120)
        if not line:
            raise EOFError(f"after {seen} events")
        if line.startswith(b"data: "):
            delays.append(time.time_ns() - int(line[6:]))
            seen += 1
    writer.close()


async def measure(host, port, count, events, ms):
    delays = []
    for end in await asyncio.gather(*(measure_one(host, int(port), int(events), int(ms), delays)
                                      for _ in range(int(count))), return_exceptions=True):
        if end:
            raise end
    delays.sort()
    at = lambda share: round(delays[int(len(delays) * share)] / 1e6, 2)  # noqa: E731
    print(json.dumps({"events": len(delays), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(0.9999999)}))


if __name__ == "__main__":
    asyncio.run({"serve": serve, "measure": measure}[sys.argv[1]](*sys.argv[2:]))
