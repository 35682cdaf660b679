/**
 * What Node keeps in a socket and its types do not tell.
 */
import type net from 'node:net';

type Handle = { fd?: number; hasRef?(): boolean };
type SocketInside = {
  _handle?: Handle | null;
  _parent?: unknown;
  _isStdio?: boolean;
  server?: net.Server | null;
  _server?: net.Server | null;
  encrypted?: boolean;
  _secureEstablished?: boolean;
  timeout?: number;
};

export function insideOf(socket: net.Socket): SocketInside {
  return socket;
}

/** Of its own, or of the socket beneath it. */
export function hasDescriptor(socket: net.Socket): boolean {
  const { _handle, _parent } = insideOf(socket);
  const fd = _handle?.fd ?? (_parent as SocketInside | undefined)?._handle?.fd;
  return fd !== undefined && fd >= 0;
}
