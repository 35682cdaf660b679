/**
 * What Node keeps in a socket and its types do not tell.
 */
import type net from 'node:net';

type Handle = {
  fd?: number;
  hasRef?(): boolean;
  /** of TLS: what it reads from, a socket that Node has made where that is a stream of the program's own */
  _parentWrap?: object | null;
};
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
export function descriptorOf(socket: net.Socket): number | undefined {
  const { _handle, _parent } = insideOf(socket);
  const fd = _handle?.fd ?? (_parent as SocketInside | undefined)?._handle?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}
