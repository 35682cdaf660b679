import type { Socket } from 'node:net';
import type { TlsEvents } from '../tls/client-tls.ts';
import type { ConnectionRecord, ConnectionSide } from './connection-record.ts';

const SIDE = Symbol('side');
type Watched = Socket & { [SIDE]: ConnectionSide };

/** Events of a socket, told with its side, whose state is set before. */
export type SideEvents = {
  onError(side: ConnectionSide, error: Error): void;
  onEnd(side: ConnectionSide): void;
  onFinish(side: ConnectionSide): void;
  onClose(side: ConnectionSide): void;
};

/**
 * Creates a function that watches the socket of a side. All sockets share their handlers and know their side themselves: closures of
 * their own would be ten for each connection.
 */
export function createWatch(events: SideEvents): (side: ConnectionSide) => void {
  function onError(this: Watched, error: Error): void {
    events.onError(this[SIDE], error);
  }
  function onEnd(this: Watched): void {
    const side = this[SIDE];
    side.ended = true;
    events.onEnd(side);
  }
  function onFinish(this: Watched): void {
    const side = this[SIDE];
    side.finished = true;
    events.onFinish(side);
  }
  function onClose(this: Watched): void {
    events.onClose(this[SIDE]);
  }
  return (side) => {
    const socket = side.socket as Watched;
    socket[SIDE] = side;
    socket.on('error', onError);
    socket.on('end', onEnd);
    socket.on('finish', onFinish);
    socket.on('close', onClose);
  };
}

/**
 * Tells the ends of a client's TLS as those of two sides. The inner proxy has no socket of its own: what the client ends has gone through
 * to it, and what it ends has gone through to the client.
 */
export function tlsEvents(
  record: ConnectionRecord,
  events: SideEvents & Pick<TlsEvents, 'onInnerGone'>,
): TlsEvents {
  const { incoming } = record;
  return {
    onClientEnd: () => {
      incoming.ended = true;
      if (record.outgoing !== undefined) record.outgoing.finished = true;
      events.onEnd(incoming);
    },
    onClientError: (error) => events.onError(incoming, error),
    onInnerEnd: (isDelivered) => {
      const { outgoing } = record;
      if (outgoing === undefined) return;
      if (isDelivered) incoming.finished = true;
      outgoing.ended = true;
      events.onEnd(outgoing);
    },
    onInnerGone: () => events.onInnerGone(),
  };
}
