/**
 * Throws errors at the program's sockets where the kernel cannot be made to: the same error object at the same place in the stream, so
 * that it takes the same path through the program's code.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import net from 'node:net';
import { constants } from 'node:os';
import { HostError } from './base/built-ins.ts';
import { acceptedBy, activeSockets, isOpen } from './census/live-sockets.ts';
import type { FailOrder } from '../protocol.ts';

type Connect = typeof net.Socket.prototype.connect;

/** Failure order in force: number of sockets that got the error, and the functions that revoke it. */
type Order = { hits: number; takeOff: (() => void)[] };

const orders = new Map<string, Order>();

/** Throws the error now and, if ordered so, at each later socket until the order is revoked. */
export function failSockets(given: FailOrder): void {
  failNoMore(given);
  const order: Order = { hits: 0, takeOff: [] };
  orders.set(keyOf(given), order);
  if (given.phase === 'connecting') {
    order.takeOff.push(hookConnect(given, order));
    return;
  }
  const open = activeSockets().filter(isOpen);
  for (const socket of open) if (isMeant(socket, given)) fail(socket, given, order);
  if (given.side === 'outgoing') {
    for (const socket of open) if (socket.connecting) order.takeOff.push(onceConnected(socket, given, order));
    if (given.lasting === true) order.takeOff.push(hookConnect(whileConnecting(given), order));
  } else if (given.lasting === true) {
    order.takeOff.push(onceAccepted(given, order));
  }
}

/** Revokes the order; returns the number of sockets that got the error. */
export function failNoMore(given: FailOrder): number {
  const order = orders.get(keyOf(given));
  for (const takeOff of order?.takeOff.toReversed() ?? []) takeOff();
  orders.delete(keyOf(given));
  return order?.hits ?? 0;
}

const keyOf = (order: FailOrder): string => JSON.stringify(order);

function fail(socket: net.Socket, given: FailOrder, order: Order, host = socket.remoteAddress): void {
  if (socket.destroyed) return;
  order.hits++;
  socket.destroy(systemError(given, host));
}

/** Error during a connect: the kernel reports the same fault with another system call, and an RST with another code. */
function whileConnecting(given: FailOrder): FailOrder {
  return { ...given, syscall: 'connect', code: given.code === 'ECONNRESET' ? 'ECONNREFUSED' : given.code };
}

/** Throws the error after the program has had its turn with the new socket, as the kernel would. */
function failSoon(socket: net.Socket, given: FailOrder, order: Order): void {
  setImmediate(() => {
    if (isMeant(socket, given)) fail(socket, given, order);
  });
}

/** Waits for a connect that was in progress when the order came: its destination is known only once it is connected. */
function onceConnected(socket: net.Socket, given: FailOrder, order: Order): () => void {
  const connected = (): void => failSoon(socket, given, order);
  socket.prependOnceListener('connect', connected);
  return () => socket.off('connect', connected);
}

/** Waits for connections that the kernel had established when the order came and the program had not accepted. */
function onceAccepted(given: FailOrder, order: Order): () => void {
  const accepted = (message: unknown): void => {
    const { socket } = message as { socket: net.Socket };
    failSoon(socket, given, order);
  };
  subscribe('net.server.socket', accepted);
  return () => unsubscribe('net.server.socket', accepted);
}

function isMeant(socket: net.Socket, { side, port }: FailOrder): boolean {
  if (socket.connecting || (side === 'incoming') !== (acceptedBy(socket) !== undefined)) return false;
  return (side === 'incoming' ? socket.localPort : socket.remotePort) === port;
}

function hookConnect(given: FailOrder, order: Order): () => void {
  const { prototype } = net.Socket;
  const before = Object.getOwnPropertyDescriptor(prototype, 'connect');
  if (before === undefined) throw new Error('net.Socket has no connect of its own');
  const original = before.value as Connect;
  const hooked = function connect(this: net.Socket, ...words: unknown[]): net.Socket {
    const socket = Reflect.apply(original, this, words) as net.Socket;
    if (portOf(words) === given.port) {
      // after the system was asked to connect, before the connect can succeed
      process.nextTick(() => fail(socket, given, order, hostOf(words)));
    }
    return socket;
  };
  Object.defineProperty(prototype, 'connect', { ...before, value: hooked });
  return () => {
    // leave alone a method that the program has put in its place
    if (Object.getOwnPropertyDescriptor(prototype, 'connect')?.value === hooked) {
      Object.defineProperty(prototype, 'connect', before);
    }
  };
}

/** Port of `connect(port, host)`, `connect({ port, host })`, or of net.connect's normalized form. */
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

/** System error as Node makes it: `connect EHOSTUNREACH 10.0.0.1:80`, with its facts as fields. */
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

/** Error without a stack, like one that comes from the system. */
function plain(message: string, facts: Record<string, unknown>): Error {
  const error = Object.assign(new HostError(message), facts);
  error.stack = `Error: ${message}`;
  return error;
}
