/**
 * Checks that run at the same time in one process, told apart by async context: each thing that a check's own code starts is marked with
 * the check. Marking costs every promise something, so it is on only while there are several.
 */
import { AsyncLocalStorage, createHook, type AsyncHook } from 'node:async_hooks';
import type net from 'node:net';
import { keepOut } from '../base/own.ts';

const running = keepOut(new AsyncLocalStorage<number>());
const owners = keepOut(new WeakMap<object, number>());
let hook: AsyncHook | undefined;

/** Marks what is started from here on in this async context. */
export function enterCheck(check: number): void {
  running.enterWith(check);
}

/** Runs a function in the context of a check. */
export function runInCheck<T>(check: number, body: () => T): T {
  return running.run(check, body);
}

/** Starts or stops marking. */
export function markOwners(on: boolean): void {
  hook ??= createHook({
    init: (_id, _type, _trigger, resource) => {
      const check = running.getStore();
      if (check !== undefined) owners.set(resource, check);
    },
  });
  if (on) hook.enable();
  else hook.disable();
}

/** Check whose code started a live thing; undefined if nobody knows. */
export function ownerOf(object: object): number | undefined {
  const own = owners.get(object) ?? ownerOfHandle(object);
  if (own !== undefined) return own;
  const { server, _server } = object as { server?: net.Server | null; _server?: net.Server | null };
  // the kernel makes an accepted socket, in nobody's context
  const accepting = server ?? _server;
  return typeof accepting === 'object' && accepting !== null ? ownerOfHandle(accepting) : undefined;
}

const HANDLES: ReadonlySet<string | undefined> = new Set(['kHandle', 'state symbol', 'handle']);

function ownerOfHandle(object: object): number | undefined {
  const kept: unknown = Object.getOwnPropertyDescriptor(object, '_handle')?.value;
  const bySymbol = Object.getOwnPropertySymbols(object)
    .filter(({ description }) => HANDLES.has(description))
    .map((key) => Object.getOwnPropertyDescriptor(object, key)?.value as unknown);
  for (const one of [kept, ...bySymbol]) {
    if (typeof one !== 'object' || one === null) continue;
    const inner: unknown = Object.getOwnPropertyDescriptor(one, 'handle')?.value;
    const owner = owners.get(one) ?? (typeof inner === 'object' && inner ? owners.get(inner) : undefined);
    if (owner !== undefined) return owner;
  }
  return undefined;
}
