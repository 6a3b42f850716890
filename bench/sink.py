"""A mail server that takes everything and keeps nothing: `python -m bench.sink` prints its port, then serves."""

import asyncio


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One SMTP conversation."""
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 ok\r\n" if verb != b"QUIT" else b"221 bye\r\n")
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
