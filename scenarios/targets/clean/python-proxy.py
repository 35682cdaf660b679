"""The same proxy, and both sides are closed whatever happens."""
import asyncio
import os
import signal


async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def serve(reader, writer):
    try:
        upstream_reader, upstream_writer = await asyncio.wait_for(
            asyncio.open_connection(os.environ["UPSTREAM_HOST"], int(os.environ["UPSTREAM_PORT"])), 0.5
        )
    except (OSError, asyncio.TimeoutError):
        writer.close()
        return
    forward = asyncio.create_task(copy(reader, upstream_writer))
    backward = asyncio.create_task(copy(upstream_reader, writer))
    try:
        # either end may come first; the other side then has half a second
        await asyncio.wait([forward, backward], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([forward, backward], timeout=0.5, return_when=asyncio.ALL_COMPLETED)
        await asyncio.sleep(0)
    finally:
        for task in (forward, backward):
            task.cancel()
        upstream_writer.transport.abort() if failed(forward, backward) else upstream_writer.close()
        writer.close()


def failed(*tasks):
    return any(task.done() and not task.cancelled() and task.exception() for task in tasks)


async def main():
    server = await asyncio.start_server(serve, os.environ["LISTEN_HOST"], int(os.environ["LISTEN_PORT"]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    os._exit(0)


asyncio.run(main())
