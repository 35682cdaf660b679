/**
 * Replaces methods of the program by hooks.
 */
import { HostFunction } from './built-ins.ts';

export type Method = (this: unknown, ...given: unknown[]) => unknown;

/** Replaces a method by `make(original)`, with its name, length and attributes. False if there is no such method. */
export function replace(on: object, name: string, make: (original: Method) => Method): boolean {
  const was = Object.getOwnPropertyDescriptor(on, name);
  if (!was || typeof was.value !== 'function' || !was.configurable) return false;
  const original = was.value as Method;
  const replaced = make(original);
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property && key !== 'prototype') Object.defineProperty(replaced, key, property);
  }
  // the program may test whether it is a function of its own realm
  Object.setPrototypeOf(replaced, HostFunction.prototype);
  Object.defineProperty(on, name, { ...was, value: replaced });
  return true;
}
