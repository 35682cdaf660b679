/**
 * Realms of the program: its main one, and those in which a test runner runs files with globals and prototypes of their own.
 */
import { HostFunction, HostObject } from './built-ins.ts';

type Prototypes = { object: object; function: object | undefined };

/** weakly: a runner drops the realm of a file when the file has ended */
const others: WeakRef<Prototypes['object']>[] = [];
const known = new WeakMap<object, object | undefined>([[HostObject.prototype, HostFunction.prototype]]);

/** Remembers the realm that a value was made in, if it is a new one. */
export function addRealmOf(value: object): void {
  let last = value;
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null) last = at;
  // an object of a null prototype has no realm
  if (last === value || known.has(last)) return;
  const constructor: unknown = Object.getOwnPropertyDescriptor(last, 'constructor')?.value;
  if (typeof constructor !== 'function') return;
  known.set(last, Object.getPrototypeOf(constructor) as object);
  others.push(new WeakRef(last));
}

/** `Object.prototype` of each realm. */
export function objectPrototypes(): object[] {
  return [HostObject.prototype, ...others.flatMap((one) => one.deref() ?? [])];
}

/** `Function.prototype` of each realm. */
export function functionPrototypes(): object[] {
  return objectPrototypes().flatMap((prototype) => known.get(prototype) ?? []);
}

export function isObjectPrototype(prototype: object): boolean {
  return known.has(prototype);
}
