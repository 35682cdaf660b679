"""A filter process for each connection; it ends with its connection, and nobody waits for it."""
import asyncio
import os
import signal
import subprocess


kept = []


async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def serve(reader, writer):
    upstream_reader, upstream_writer = await asyncio.open_connection(
        os.environ["UPSTREAM_HOST"], int(os.environ["UPSTREAM_PORT"])
    )
    filter = subprocess.Popen(["cat"], stdin=subprocess.PIPE)  # leak: handle
    forward = asyncio.create_task(copy(reader, upstream_writer))
    backward = asyncio.create_task(copy(upstream_reader, writer))
    try:
        await forward
        await backward
    except ConnectionError:
        backward.cancel()
    finally:
        upstream_writer.close()
        writer.close()
        filter.stdin.close()
        # as many runtimes do it: the object is kept, so nothing ever reaps the process
        kept.append(filter)


async def main():
    server = await asyncio.start_server(serve, os.environ["LISTEN_HOST"], int(os.environ["LISTEN_PORT"]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    os._exit(0)


asyncio.run(main())
