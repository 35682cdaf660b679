/**
 * Follows each socket of the program: what came to it and who listened, what was called on it and from where. Only in a run that
 * explains a failed case: it takes a stack at each step, and keeps the sockets alive.
 */
import net from 'node:net';
import { replace, type Method } from '../base/hook.ts';
import { HostFunction } from '../base/built-ins.ts';
import { listenersOf } from '../base/listeners.ts';
import { isOwn, keepOut } from '../base/own.ts';
import { capture, positionsOf, positionText } from '../base/stacks.ts';
import { acceptedBy } from '../census/live-sockets.ts';
import type { Position } from '../../protocol.ts';

/** Step in the life of a socket: an event with its listeners, or a call with its stack. */
export type Step = {
  kind: 'came' | 'called';
  what: string;
  /** `performance.now()` */
  at: number;
  detail?: string;
  listeners: unknown[];
  stack: Position[];
};
export type Followed = { socket: net.Socket; side: 'incoming' | 'outgoing'; steps: Step[] };

const MOST_SOCKETS = 400;
const MOST_STEPS = 40;
/** Frames of a call: from the helper that ends sockets to the handler of an event there are more than name an origin. */
const MOST_FRAMES = 12;

const EVENTS: ReadonlySet<unknown> = new Set([
  'connect',
  'secureConnect',
  'end',
  'finish',
  'error',
  'timeout',
  'close',
]);
const CALLS = ['connect', 'end', 'destroySoon', 'destroy', 'resetAndDestroy', 'setTimeout', 'pipe'] as const;

const followed = keepOut(new Map<object, Followed>());
/** sockets in one of {@link CALLS}: what Node calls in turn is no step of its own */
const inCall = keepOut(new Set<object>());

const usual = keepOut(new Set<string>());

/** Starts following. Called once, before the program and after {@link keepOrigins}. */
export function followSockets(): void {
  for (const name of CALLS) shadow(net.Socket.prototype, name, followCall(name));
  shadow(net.Socket.prototype, 'emit', (original) => {
    return function emit(this: unknown, ...given) {
      if (EVENTS.has(given[0])) cameTo(this as net.Socket, String(given[0]), given[1]);
      return Reflect.apply(original, this, given);
    };
  });
  shadow(net.Server.prototype, 'emit', (original) => {
    return function emit(this: unknown, ...given) {
      const [event, socket] = given;
      if (event === 'connection' || event === 'secureConnection')
        note(socket as net.Socket, {
          kind: 'came',
          what: event,
          listeners: heard(this as net.Server, event),
          stack: [],
        });
      return Reflect.apply(original, this, given);
    };
  });
}

/** Forgets the sockets so far, those of a warm-up, but for the lines that their calls came through. */
export function forgetFollowed(): void {
  for (const { steps } of followed.values())
    for (const { stack } of steps) for (const one of stack) usual.add(positionText(one));
  followed.clear();
}

/** Number of the innermost frames of a call that a connection of the warm-up came through, too. */
export function usualFrames(stack: readonly Position[]): number {
  const first = stack.findIndex((one) => !usual.has(positionText(one)));
  return first === -1 ? stack.length : first;
}

export function followedSockets(): Followed[] {
  return [...followed.values()];
}

function followCall(name: (typeof CALLS)[number]): (original: Method) => Method {
  return (original) => {
    return function called(this: unknown, ...given) {
      const socket = this as net.Socket;
      if (inCall.has(socket)) return Reflect.apply(original, this, given);
      const stack = positionsOf(capture(called), MOST_FRAMES);
      // Node sets time-outs of its own for each request, and pipes nothing by itself
      const isNodes = stack.length === 0 && (name === 'setTimeout' || name === 'pipe' || name === 'connect');
      if (!isNodes) {
        const detail = detailOf(name, given[0]);
        note(socket, {
          kind: 'called',
          what: `${name}()`,
          listeners: [],
          stack,
          ...(detail === '' ? {} : { detail }),
        });
      }
      inCall.add(socket);
      try {
        return Reflect.apply(original, this, given);
      } finally {
        inCall.delete(socket);
      }
    };
  };
}

function detailOf(name: (typeof CALLS)[number], given: unknown): string {
  if (name === 'setTimeout') return `${String(given)} ms`;
  if (name === 'destroy') return codeOf(given);
  return '';
}

function cameTo(socket: net.Socket, what: string, given: unknown): void {
  const detail = what === 'error' ? codeOf(given) : what === 'close' ? bytesOf(socket) : '';
  const listeners = heard(socket, what);
  note(socket, { kind: 'came', what, listeners, stack: [], ...(detail === '' ? {} : { detail }) });
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : '';
}

function bytesOf(socket: net.Socket): string {
  try {
    return `${socket.bytesRead} B read, ${socket.bytesWritten} B written`;
  } catch {
    return '';
  }
}

function heard(emitter: net.Socket | net.Server, event: string): unknown[] {
  return listenersOf(emitter).get(event) ?? [];
}

function note(socket: net.Socket, step: Omit<Step, 'at'>): void {
  if (!(socket instanceof net.Socket) || isOwn(socket)) return;
  const isNew = step.what === 'connection' || step.what === 'secureConnection' || step.what === 'connect()';
  let life = followed.get(socket);
  if (life === undefined) {
    // pipes of children and of standard output are no connections
    if (followed.size >= MOST_SOCKETS || (!isNew && socket.remotePort === undefined)) return;
    const side = step.what === 'connect()' || !acceptedBy(socket) ? 'outgoing' : 'incoming';
    life = { socket, side: isNew && step.what !== 'connect()' ? 'incoming' : side, steps: [] };
    followed.set(socket, life);
  }
  if (life.steps.length >= MOST_STEPS) return;
  life.steps.push({ ...step, at: performance.now() });
}

/** Replaces a method, or puts a new one in front of an inherited one. */
function shadow(on: object, name: string, make: (original: Method) => Method): void {
  if (replace(on, name, make)) return;
  const inherited: Method = function inherited(this: unknown, ...given) {
    const method = Reflect.get(Object.getPrototypeOf(on) as object, name) as Method;
    return Reflect.apply(method, this, given);
  };
  const made = make(inherited);
  Object.setPrototypeOf(made, HostFunction.prototype);
  Object.defineProperty(on, name, { value: made, writable: true, configurable: true, enumerable: false });
}
