import type { TLSSocket } from 'node:tls';

/**
 * Calls back when a later handshake on the same connection (TLS 1.2 renegotiation) asks for another name than the first.
 * Removes its listener, and only this one, after that or when the socket has closed.
 */
export function watchServerName(socket: TLSSocket, onChanged: () => void): void {
  const first = serverNameOf(socket);
  // undocumented for sockets of a server, but emitted after each of their handshakes
  const onHandshake = (): void => {
    if (serverNameOf(socket) === first) return;
    stop();
    onChanged();
  };
  const stop = (): void => {
    socket.off('secure', onHandshake);
    socket.off('close', stop);
  };
  socket.on('secure', onHandshake);
  socket.on('close', stop);
}

/** Server name of a handshake; undefined if there is none, which Node reports as `false`. */
export function serverNameOf({ servername }: TLSSocket): string | undefined {
  return typeof servername === 'string' ? servername.toLowerCase() : undefined;
}
