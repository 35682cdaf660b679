/**
 * Objects of a heap by kind: everything that a leak could be.
 */
import { Channel } from 'node:diagnostics_channel';
import { types } from 'node:util';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { nullPrototypeObjects } from '../hooks/null-prototype-objects.ts';
import { HostObject } from '../base/built-ins.ts';
import type { Inspection } from '../base/inspection.ts';
import type { ChannelLike } from '../base/listeners.ts';
import { isOwn } from '../base/own.ts';
import { hasRef, immediatePrototype, timerPrototype } from '../base/timer-methods.ts';

/** Fields of a Node timer that tell whether it will fire. */
export type TimerLike = {
  _destroyed?: boolean;
  /** Node's loop time when it was armed, ms */
  _idleStart: number;
  _idleTimeout: number;
  /** null while it is in none of Node's lists */
  _idleNext?: unknown;
  _repeat?: number | null;
  _onTimeout?: unknown;
  /** Arguments that Node or the program calls it with. */
  _timerArgs?: readonly unknown[];
  hasRef(): boolean;
  refresh(): unknown;
};
export type ImmediateLike = { _destroyed?: boolean; _onImmediate?: unknown; hasRef?(): boolean };

export type Census = {
  sockets: net.Socket[];
  servers: net.Server[];
  /** all emitters, including sockets and servers */
  emitters: EventEmitter[];
  targets: EventTarget[];
  /** channels of diagnostics_channel */
  channels: ChannelLike[];
  /** timers that will fire */
  timers: TimerLike[];
  immediates: ImmediateLike[];
  maps: Map<unknown, unknown>[];
  sets: Set<unknown>[];
  arrays: unknown[][];
  /** objects and functions that are used as tables */
  dictionaries: object[];
  /** plain objects without a key: some will become tables */
  empty: object[];
};

// oxlint-disable-next-line typescript/unbound-method -- called with `call`; the prototypes' own may be the program's
const { isPrototypeOf } = Object.prototype;

export function isTimer(object: object): object is TimerLike {
  return isPrototypeOf.call(timerPrototype, object);
}

/** Whether a timer keeps the process alive, by Node's own method. */
export function keepsAlive(timer: TimerLike): boolean {
  return Reflect.apply(hasRef, timer, []);
}

/** Walks the heap once. The result holds everything strongly: release it soon. */
export function takeCensus(inspection: Inspection): Census {
  const census = sortAll(inspection.everything());
  for (const object of nullPrototypeObjects(inspection)) sort(object, census);
  return census;
}

/** Sorts objects by kind, without the probe's own. */
export function sortAll(objects: Iterable<object>): Census {
  const census: Census = {
    sockets: [],
    servers: [],
    emitters: [],
    targets: [],
    channels: [],
    timers: [],
    immediates: [],
    maps: [],
    sets: [],
    arrays: [],
    dictionaries: [],
    empty: [],
  };
  for (const object of objects) {
    if (!isOwn(object)) sort(object, census);
  }
  return census;
}

function sort(object: object, census: Census): void {
  if (Array.isArray(object)) census.arrays.push(object);
  else if (typeof object === 'function') {
    if (isTable(object, firstKey(object))) census.dictionaries.push(object);
  } else if (isPlain(object)) {
    const first = firstKey(object);
    if (first === undefined) census.empty.push(object);
    else if (isTable(object, first)) census.dictionaries.push(object);
  } else if (object instanceof EventEmitter) {
    // prototypes are emitters by inheritance, too, but have no events of their own
    if (!Object.hasOwn(object, '_events')) return;
    census.emitters.push(object);
    if (object instanceof net.Socket) census.sockets.push(object);
    else if (object instanceof net.Server) census.servers.push(object);
    // not instanceof: the prototype of a class that extends Map passes it, but has no size
  } else if (types.isMap(object)) census.maps.push(object);
  else if (types.isSet(object)) census.sets.push(object);
  else if (object instanceof EventTarget) census.targets.push(object);
  else if (isTimer(object)) {
    if (willFire(object)) census.timers.push(object);
  } else if (isPrototypeOf.call(immediatePrototype, object)) {
    if (willRun(object)) census.immediates.push(object);
  } else if (object instanceof Channel) census.channels.push(object);
  else if (isInstance(object) && isTable(object, firstKey(object))) census.dictionaries.push(object);
}

/** Whether a timer is set and has neither fired nor been cleared. */
export function willFire({ _destroyed, _idleTimeout, _onTimeout }: TimerLike): boolean {
  return !_destroyed && _idleTimeout > 0 && typeof _onTimeout === 'function';
}

/** Whether an immediate is set and has neither run nor been cleared. */
export function willRun({ _destroyed, _onImmediate }: ImmediateLike): boolean {
  return !_destroyed && typeof _onImmediate === 'function';
}

/** Whether an object that is no collection of the language is used as a table. */
export function isDictionary(object: object): boolean {
  if (Array.isArray(object) || types.isMap(object) || types.isSet(object) || types.isProxy(object))
    return false;
  if (typeof object !== 'function' && !isPlain(object) && !isInstance(object)) return false;
  return isTable(object, firstKey(object));
}

/** Whether an object has no indices or exports for keys, which are no entries of a table. */
function isInstance(object: object): boolean {
  return !(
    types.isProxy(object) ||
    types.isArrayBufferView(object) ||
    types.isModuleNamespaceObject(object) ||
    types.isBoxedPrimitive(object) ||
    types.isArgumentsObject(object)
  );
}

/** Whether an object is plain; must be cheap, since it is asked first for each object of the heap. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return (prototype === HostObject.prototype || prototype === null) && !types.isProxy(object);
}

function firstKey(object: object): string | undefined {
  // own keys come before inherited ones
  for (const key in object) return Object.hasOwn(object, key) ? key : undefined;
  return undefined;
}

/** Whether the first key is data (an id, an address, a port) and not a chosen name, as in a record. An object without a prototype is a table. */
function isTable(object: object, first: string | undefined): boolean {
  return first !== undefined && (/\d|[^\w$]/.test(first) || Object.getPrototypeOf(object) === null);
}
