import type { TLSSocket } from 'node:tls';

/**
 * Calls back when a later handshake on the same connection (TLS 1.2 renegotiation) has asked for another name than the first.
 * Its one listener is taken off by reference, and only this one, when that happened or the socket has closed.
 */
export function watchServerName(socket: TLSSocket, onChanged: () => void): void {
  const first = nameOf(socket);
  // not documented for sockets of a server, but emitted after each of their handshakes
  const onHandshake = (): void => {
    if (nameOf(socket) === first) return;
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

/** `false` is Node's word for a ClientHello without a name. */
function nameOf({ servername }: TLSSocket): string {
  return typeof servername === 'string' ? servername.toLowerCase() : '';
}
