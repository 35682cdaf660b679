/**
 * Listeners of emitters and EventTargets by event, read without their own (overridable) methods.
 */
import { getEventListeners, type EventEmitter } from 'node:events';
import { copyOf, hostProcess } from './built-ins.ts';

/** Channel of diagnostics, as Node keeps it: each subscription replaces the list of subscribers. */
export type ChannelLike = { name: string | symbol; _subscribers?: unknown };

export type Listeners = Map<string | symbol, unknown[]>;

const eventsOfTarget = Object.getOwnPropertySymbols(new EventTarget()).find(
  ({ description }) => description === 'kEvents',
);

// oxlint-disable-next-line typescript/unbound-method -- called with `call`
const mapKeys = Map.prototype.keys;

export function listenersOf(emitter: EventEmitter): Listeners {
  const found: Listeners = new Map();
  const events = (emitter as { _events?: Record<string | symbol, unknown> })._events;
  if (!events) return found;
  for (const event of Reflect.ownKeys(events)) {
    const registered = events[event];
    if (typeof registered === 'function') found.set(event, [registered]);
    else if (Array.isArray(registered)) found.set(event, copyOf(registered as unknown[]));
  }
  return found;
}

export function listenersOfTarget(target: EventTarget): Listeners {
  const found: Listeners = new Map();
  if (!eventsOfTarget) return found;
  const events = (target as unknown as Record<symbol, Map<unknown, unknown> | undefined>)[eventsOfTarget];
  if (typeof events !== 'object' || events === null) return found;
  // Node's own subclass of Map: `instanceof` fails, but Map methods work
  for (const event of mapKeys.call(events)) {
    if (typeof event === 'string') found.set(event, getEventListeners(target, event));
  }
  return found;
}

/** Subscribers of a diagnostics channel. */
export function listenersOfChannel({ name, _subscribers }: ChannelLike): Listeners {
  return new Map(Array.isArray(_subscribers) ? [[name, copyOf(_subscribers as unknown[])]] : []);
}

export function countsOf(listeners: Listeners): Map<string | symbol, number> {
  return new Map([...listeners].map(([event, registered]) => [event, registered.length]));
}

/** Name of an object's class; `process` for the process object. */
export function className(object: object): string {
  if (object === hostProcess) return 'process';
  try {
    const name: unknown = object.constructor?.name;
    return typeof name === 'string' && name !== '' ? name : 'Object';
  } catch {
    return 'Object';
  }
}
