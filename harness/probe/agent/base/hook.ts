/**
 * Replaces methods of the program by hooks.
 */
import { HostFunction } from './built-ins.ts';

export type Method = (this: unknown, ...given: unknown[]) => unknown;

const undo: (() => void)[] = [];

/** Registers what takes a hook off again. */
export function onUndo(takeOff: () => void): void {
  undo[undo.length] = takeOff;
}

/** Takes all hooks off again, last first; where the program has put something over one it stays. */
export function undoHooks(): void {
  for (const takeOff of undo.splice(0).toReversed()) takeOff();
}

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
  put(on, name, was, replaced);
  return true;
}

/** Gives a property another value until {@link undoHooks}. */
export function put(on: object, name: string, was: PropertyDescriptor, value: unknown): void {
  Object.defineProperty(on, name, { ...was, value });
  onUndo(() => {
    if (Object.getOwnPropertyDescriptor(on, name)?.value === value) Object.defineProperty(on, name, was);
  });
}
