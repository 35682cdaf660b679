/**
 * Errors thrown at the program's sockets where the kernel cannot be made to give them: the same object at the same place in the
 * stream, so that they take the same path through its code.
 */
import net from 'node:net';
import { constants } from 'node:os';
import { acceptedBy, activeSockets, isOpen } from './live-sockets.ts';
import type { FailOrder } from './protocol.ts';

type Connect = typeof net.Socket.prototype.connect;

/** Orders for what connects, and the methods that were in the place of ours. */
const connecting = new Map<string, { takeOff: () => void }>();

/** Does it now, or from now on; gives the number of sockets that got it at once. */
export function failSockets(order: FailOrder): number {
  if (order.phase === 'connecting') {
    failNoMore(order);
    connecting.set(keyOf(order), hookConnect(order));
    return 0;
  }
  const hit = activeSockets().filter((socket) => isOpen(socket) && isMeant(socket, order));
  for (const socket of hit) socket.destroy(systemError(order, socket.remoteAddress));
  return hit.length;
}

export function failNoMore(order: FailOrder): void {
  connecting.get(keyOf(order))?.takeOff();
  connecting.delete(keyOf(order));
}

const keyOf = (order: FailOrder): string => JSON.stringify(order);

function isMeant(socket: net.Socket, { side, port }: FailOrder): boolean {
  if (socket.connecting || (side === 'incoming') !== (acceptedBy(socket) !== undefined)) return false;
  return (side === 'incoming' ? socket.localPort : socket.remotePort) === port;
}

function hookConnect(order: FailOrder): { takeOff: () => void } {
  const { prototype } = net.Socket;
  const before = Object.getOwnPropertyDescriptor(prototype, 'connect');
  if (before === undefined) throw new Error('net.Socket has no connect of its own');
  const original = before.value as Connect;
  const hooked = function connect(this: net.Socket, ...given: unknown[]): net.Socket {
    const socket = Reflect.apply(original, this, given) as net.Socket;
    if (portOf(given) === order.port) {
      // after the system has been asked to connect, before anything can have come of it
      process.nextTick(() => socket.destroy(systemError(order, hostOf(given))));
    }
    return socket;
  };
  Object.defineProperty(prototype, 'connect', { ...before, value: hooked });
  return {
    takeOff: () => {
      // leave alone what the program has put in our place
      if (Object.getOwnPropertyDescriptor(prototype, 'connect')?.value === hooked) {
        Object.defineProperty(prototype, 'connect', before);
      }
    },
  };
}

/** `connect(port, host)`, `connect({ port, host })`, or what net.connect has made of either. */
function portOf(given: readonly unknown[]): number {
  return Number(optionsOf(given)?.port ?? given[0]);
}

function hostOf(given: readonly unknown[]): string | undefined {
  return optionsOf(given)?.host ?? (typeof given[1] === 'string' ? given[1] : undefined);
}

function optionsOf([first]: readonly unknown[]): { port?: number | string; host?: string } | undefined {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  return typeof options === 'object' && options !== null ? options : undefined;
}

/** As Node makes it from what the system says: `connect EHOSTUNREACH 10.0.0.1:80`, with its facts as fields. */
function systemError({ code, syscall, port, side }: FailOrder, host: string | undefined): Error {
  const number = (constants.errno as Partial<Record<string, number>>)[code];
  const facts = { ...(number === undefined ? {} : { errno: -number }), code, syscall };
  if (syscall === 'getaddrinfo')
    return plain(`getaddrinfo ${code} ${host ?? ''}`, { ...facts, hostname: host });
  if (syscall === 'connect' && side === 'outgoing') {
    return plain(`connect ${code} ${host ?? ''}:${port}`, { ...facts, address: host, port });
  }
  return plain(`${syscall} ${code}`, facts);
}

/** Without a stack of ours: one from the system has none of the program's either. */
function plain(message: string, facts: Record<string, unknown>): Error {
  const error = Object.assign(new Error(message), facts);
  error.stack = `Error: ${message}`;
  return error;
}
