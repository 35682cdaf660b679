/**
 * The program's side, as it was before the program started. The probe runs in a realm of its own (`open-realm.ts`), so that whatever the
 * program does to `Array.prototype`, `JSON`, `Promise` or `Error` never reaches its code; only what is meant to be the program's is taken
 * from here.
 */
import { HOST, type Given } from '../open-realm.ts';

const given = Reflect.get(globalThis, HOST) as Given | undefined;

/** The program's global object. */
export const hostGlobal: typeof globalThis = given?.global ?? globalThis;
/** The program's `process`; the one that this code calls `process` is a copy. */
export const hostProcess: NodeJS.Process = hostGlobal.process;
export const HostObject = hostGlobal.Object;
export const HostFunction = hostGlobal.Function;
export const HostError = hostGlobal.Error;
export const HostDate = hostGlobal.Date;

/** Methods that are called on the program's objects. */
// oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
const hostThen = hostGlobal.Promise.prototype.then;

/** The built-in module as the program sees it, for hooks: what this code imports is a copy. */
export function hostModule(name: string): object {
  const found = given?.module(name) ?? process.getBuiltinModule(name);
  if (found === undefined) throw new Error(`Node has no module ${name}`);
  return found;
}

/** Calls `note` with what a promise of the program's comes to, before those who wait for it later. */
export function onceFulfilled(promise: unknown, note: (value: unknown) => void): void {
  const nothing = (): void => undefined;
  void Reflect.apply(hostThen, promise, [note, nothing]);
}

/** A copy of an array of the program's: its own iterator and methods may be the program's. */
export function copyOf<T>(array: ArrayLike<T>): T[] {
  const copy: T[] = [];
  for (let index = 0; index < array.length; index++) copy[index] = array[index] as T;
  return copy;
}

/** An array that Node has made for us: from here on it has our methods. */
export function adopt<T>(array: T[]): T[] {
  return Object.setPrototypeOf(array, Array.prototype) as T[];
}

/** The methods that objects of a class have now, for {@link keepMethods}. */
export type Methods = readonly (readonly [PropertyKey, PropertyDescriptor])[];

export function methodsOf(prototype: object): Methods {
  const found = new Map<PropertyKey, PropertyDescriptor>();
  let at: object | null = prototype;
  while (at !== null && at !== HostObject.prototype && at !== Object.prototype) {
    for (const key of Reflect.ownKeys(at)) {
      const property = Object.getOwnPropertyDescriptor(at, key);
      if (property && key !== 'constructor' && !found.has(key)) found.set(key, property);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return [...found];
}

/** Gives an object of ours its methods as its own: those of its class may be replaced by the program. Returns it. */
export function keepMethods<T extends object>(object: T, methods: Methods): T {
  for (const [key, property] of methods) {
    if (!Object.hasOwn(object, key)) Object.defineProperty(object, key, property);
  }
  return object;
}

/** Whether an array of the program's has this in it. */
export function includes(array: readonly unknown[], one: unknown): boolean {
  return Reflect.apply(Array.prototype.includes, array, [one]);
}
