/**
 * Hooks on each collection and emitter that grew, and on nothing else, so that replayed connections reveal the inserting line. The hooks
 * are own properties that hide the methods; explaining removes them.
 */
import { Channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { isDictionary } from '../census/census.ts';
import { HostFunction } from '../base/built-ins.ts';
import type { Position } from '../../protocol.ts';
import { capture, positionsOf, positionText } from '../base/stacks.ts';

type Seen = { count: number; where: Position[] };
type Armed = { fingerprint: string; seen: Map<string, Seen>; takeOff: () => void };

let armed: Armed[] = [];

export function armGrown(grew: ReadonlyMap<string, readonly WeakRef<object>[]>): void {
  takeOffAll();
  for (const [fingerprint, references] of grew) {
    for (const reference of references) {
      const object = reference.deref();
      if (object) armed.push(arm(fingerprint, object));
    }
  }
}

/** Stack that inserted most often, by fingerprint. Fingerprints without an insertion are absent. */
export function explainArmed(): Record<string, Position[]> {
  const best = new Map<string, Seen>();
  for (const { fingerprint, seen } of armed) {
    for (const stack of seen.values()) {
      const known = best.get(fingerprint);
      if (!known || stack.count > known.count) best.set(fingerprint, stack);
    }
  }
  takeOffAll();
  return Object.fromEntries([...best].map(([fingerprint, { where }]) => [fingerprint, where]));
}

function takeOffAll(): void {
  for (const { takeOff } of armed) takeOff();
  armed = [];
}

function arm(fingerprint: string, object: object): Armed {
  const seen: Armed['seen'] = new Map();
  if (Array.isArray(object) || isDictionary(object))
    return { fingerprint, seen, takeOff: watchNewKeys(object, seen) };
  const takeOffs = methodsOf(object).map((name) => hook(object, name, seen));
  return { fingerprint, seen, takeOff: () => takeOffs.forEach((takeOff) => takeOff()) };
}

/**
 * Hooks a table, which has no methods, or an array, which is also filled by index: the lookup of a new key reaches a Proxy in its prototype chain.
 */
function watchNewKeys(object: object, seen: Armed['seen']): () => void {
  const before: unknown = Object.getPrototypeOf(object);
  const set: ProxyHandler<object>['set'] = function insert(_, key, value: unknown, receiver: object) {
    note(seen, positionsOf(capture(insert)));
    const property = { value, configurable: true, enumerable: true, writable: true };
    return Reflect.defineProperty(receiver, key, property);
  };
  // instanceof goes on from here
  const getPrototypeOf = (): object | null => before as object | null;
  const watching = new Proxy((before ?? Object.create(null)) as object, { set, getPrototypeOf });
  if (!Reflect.setPrototypeOf(object, watching)) return () => undefined;
  return () => {
    if (Object.getPrototypeOf(object) === watching) Object.setPrototypeOf(object, before as object | null);
  };
}

function methodsOf(object: object): string[] {
  if (types.isMap(object)) return ['set'];
  if (types.isSet(object)) return ['add'];
  if (object instanceof EventEmitter)
    return ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];
  return object instanceof Channel ? ['subscribe'] : ['addEventListener'];
}

function hook(object: object, name: string, seen: Armed['seen']): () => void {
  const original: unknown = Reflect.get(object, name);
  const before = Object.getOwnPropertyDescriptor(object, name);
  if (typeof original !== 'function' || (before && !before.configurable)) return () => undefined;
  let inside = false;
  const hooked = function (this: unknown, ...given: unknown[]): unknown {
    // `once` calls `on`, which is one insertion
    if (inside) return Reflect.apply(original, this, given);
    inside = true;
    try {
      note(seen, positionsOf(capture(hooked)));
      return Reflect.apply(original, this, given);
    } finally {
      inside = false;
    }
  };
  Object.setPrototypeOf(hooked, HostFunction.prototype);
  const put = Reflect.defineProperty(object, name, {
    configurable: true,
    writable: true,
    enumerable: false,
    value: hooked,
  });
  return () => {
    // leave alone a method that the program has put in its place
    if (!put || Object.getOwnPropertyDescriptor(object, name)?.value !== hooked) return;
    if (before) Object.defineProperty(object, name, before);
    else Reflect.deleteProperty(object, name);
  };
}

function note(seen: Armed['seen'], where: Position[]): void {
  const key = where.map(positionText).join(' ');
  const known = seen.get(key);
  if (known) known.count++;
  else seen.set(key, { count: 1, where });
}
