"""A TCP relay with threads. Told so, it makes one classic mistake a connection; `NAME-mended` is the same without the mistake."""

import os
import signal
import socket
import sys
import threading

MODE = sys.argv[1] if len(sys.argv) > 1 else "clean"
NAME, MENDED = MODE.removesuffix("-mended"), MODE.endswith("-mended") or MODE == "clean"
UPSTREAM = (os.environ["UPSTREAM_HOST"], int(os.environ["UPSTREAM_PORT"]))

kept = []


def pump(source, sink):
    """Passes bytes on until the end, then that too. False after an error."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
        return True
    except OSError:
        return False


def both_ways(client, upstream):
    """True when both may be closed."""
    def back():
        if not pump(upstream, client):
            abandon(client, upstream)

    thread = threading.Thread(target=back, daemon=True)
    thread.start()
    if NAME == "close-wait" and not MENDED:
        while data := client.recv(65536):
            upstream.sendall(data)
        # the mistake: the client has ended its side, so there is nothing left to do for it
        kept.extend((client, upstream))
        return False
    if not pump(client, upstream):
        # the mistake: an error of the client is the client's, and the upstream never hears of it
        if NAME == "outgoing" and not MENDED:
            client.close()
            kept.append(upstream)
            return False
        abandon(client, upstream)
    thread.join()
    return True


def abandon(*sockets):
    """Wakes whoever reads on it, too: close alone would not."""
    for each in sockets:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is over already


def log(line):
    """Whole, whatever other threads write."""
    os.write(1, f"{line}\n".encode())


def serve(client):
    log("connection opened")
    serve_and_close(client)
    # the mistake: its own count of connections is wrong ever after
    if NAME != "record" or MENDED:
        log("connection closed")


def serve_and_close(client):
    if NAME == "descriptor":
        file = os.open(os.devnull if MENDED else __file__, os.O_RDONLY)
        if MENDED:
            os.close(file)
    if NAME == "thread":
        done = threading.Event()
        threading.Thread(target=done.wait, daemon=True, name=f"watchdog-{client.fileno()}").start()
        if MENDED:
            done.set()
    if NAME == "zombie":
        child = os.posix_spawn("/bin/true", ["true"], {})
        if MENDED:
            os.waitpid(child, 0)
    if NAME == "child":
        child = os.posix_spawn("/bin/sleep", ["sleep", "600"], {})
        if MENDED:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if NAME == "memory":
        page = bytearray(128 * 1024)
        if not MENDED:
            kept.append(page)
    try:
        upstream = socket.create_connection(UPSTREAM)
    except OSError:
        client.close()
        return
    over = both_ways(client, upstream)
    if not over:
        return
    upstream.close()
    if NAME == "unclosed" and not MENDED:
        # the mistake: both sides have ended, but that does not give the descriptor back
        kept.append(client)
        return
    client.close()


def main():
    host = os.environ["LISTEN_HOST"]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, int(os.environ["LISTEN_PORT"])), family=family, backlog=511)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
