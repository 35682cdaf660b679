/**
 * Internal properties of Node's sockets that its types do not declare.
 */
import type net from 'node:net';

type Handle = {
  fd?: number;
  hasRef?(): boolean;
  /** for TLS: the stream it reads from, wrapped in a socket by Node if it is the program's own stream */
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

/** Descriptor of a socket, or of the socket beneath it. */
export function descriptorOf(socket: net.Socket): number | undefined {
  const { _handle, _parent } = insideOf(socket);
  const fd = _handle?.fd ?? (_parent as SocketInside | undefined)?._handle?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}
