/**
 * Built-ins of the program, as they were before it started. The probe runs in a realm of its own (`open-realm.ts`), so that changes of
 * the program to `Array.prototype`, `JSON`, `Promise` or `Error` never reach the probe's code; it takes only the program's own objects
 * from here.
 */
import { HOST, type Given } from '../open-realm.ts';

const given = Reflect.get(globalThis, HOST) as Given | undefined;

/** Global object of the program. */
export const hostGlobal: typeof globalThis = given?.global ?? globalThis;
/** Real `process` of the program; the probe's own `process` is a copy. */
export const hostProcess: NodeJS.Process = hostGlobal.process;
export const HostObject = hostGlobal.Object;
export const HostFunction = hostGlobal.Function;
export const HostError = hostGlobal.Error;
export const HostDate = hostGlobal.Date;
export const HostWeakRef = hostGlobal.WeakRef;

/** Methods that are called on objects of the program. */
// oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
const hostThen = hostGlobal.Promise.prototype.then;

/** Built-in module as the program sees it, for hooks: the probe imports copies. */
export function hostModule(name: string): object {
  const found = given?.module(name) ?? process.getBuiltinModule(name);
  if (found === undefined) throw new Error(`Node has no module ${name}`);
  return found;
}

/** Calls `note` with the value of a promise of the program, before the program's later handlers. */
export function onceFulfilled(promise: unknown, note: (value: unknown) => void): void {
  const nothing = (): void => undefined;
  void Reflect.apply(hostThen, promise, [note, nothing]);
}

/** Copies an array of the program, whose own iterator and methods may be replaced. */
export function copyOf<T>(array: ArrayLike<T>): T[] {
  const copy: T[] = [];
  for (let index = 0; index < array.length; index++) copy[index] = array[index] as T;
  return copy;
}

/** Gives an array from Node the array methods of the probe's realm. */
export function adopt<T>(array: T[]): T[] {
  return Object.setPrototypeOf(array, Array.prototype) as T[];
}

/** Present methods of a class, for {@link keepMethods}. */
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

/** Copies the methods of its class onto an object of the probe: the program may replace those of the class. Returns the object. */
export function keepMethods<T extends object>(object: T, methods: Methods): T {
  for (const [key, property] of methods) {
    if (!Object.hasOwn(object, key)) Object.defineProperty(object, key, property);
  }
  return object;
}

/** Whether an array of the program includes a value. */
export function includes(array: readonly unknown[], one: unknown): boolean {
  return Reflect.apply(Array.prototype.includes, array, [one]);
}
