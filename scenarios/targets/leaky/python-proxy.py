"""A proxy on asyncio. A client's reset ends the task that reads from it, and nobody closes the upstream."""
import asyncio
import os
import signal


# the loop itself keeps tasks by weak references only
tasks = set()


async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def serve(reader, writer):
    upstream_reader, upstream_writer = await asyncio.open_connection(
        os.environ["UPSTREAM_HOST"], int(os.environ["UPSTREAM_PORT"])
    )
    forward = asyncio.create_task(copy(reader, upstream_writer))
    backward = asyncio.create_task(copy(upstream_reader, writer))
    tasks.update([forward, backward])
    try:
        await forward
        await backward
    except ConnectionError:
        return  # leak: socket
    upstream_writer.close()
    writer.close()
    tasks.difference_update([forward, backward])


async def main():
    server = await asyncio.start_server(serve, os.environ["LISTEN_HOST"], int(os.environ["LISTEN_PORT"]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    os._exit(0)


asyncio.run(main())
