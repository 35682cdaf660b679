/**
 * File handles that were garbage-collected while open: Node closes them with a warning for now, and will throw in the future.
 */
import type nodeFs from 'node:fs';
import { suspectFingerprint, type Found } from '../diff/found.ts';
import { replace } from '../base/hook.ts';
import { HostFunction, hostModule, onceFulfilled } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { capture, positionsOf, positionText, type Captured } from '../base/stacks.ts';

type Opened = { ignored: boolean; stack?: Captured; where: Position[] };

/** Open file handles. */
const opened = keepOut(new Set<Opened>());
/** Lost file handles by the line that opened them. */
const lost = keepOut(new Map<string, { where: Position[]; count: number }>());

const registry = keepOut(
  new FinalizationRegistry<Opened>((one) => {
    opened.delete(one);
    if (one.ignored) return;
    readStack(one);
    const key = one.where.map(positionText).join(' ');
    const known = lost.get(key) ?? { where: one.where, count: 0 };
    lost.set(key, keepOut({ ...known, count: known.count + 1 }));
  }),
);

/**
 * Follows the handles of `fs.promises.open`.
 *
 * @param note called with the descriptor and the stack that opened it
 */
export function followFileHandles(note: (fd: number, stack: Captured) => void): void {
  const fs = hostModule('node:fs') as typeof nodeFs;
  replace(fs.promises, 'open', (open) => {
    return function replaced(this: unknown, ...given: unknown[]) {
      const stack = capture(replaced);
      const opening = Reflect.apply(open, this, given);
      onceFulfilled(opening, (handle) => {
        const fd: unknown = Reflect.get(handle as object, 'fd');
        if (typeof fd === 'number') note(fd, stack);
        follow(handle as object, stack);
      });
      return opening;
    };
  });
}

/** Reads the stacks before garbage is collected: an unread stack keeps objects alive. */
export function readHandleStacks(): void {
  for (const one of opened) readStack(one);
}

/** Starts counting losses; handles opened before are ignored. Called at the baseline. */
export function countLostFromHere(): void {
  for (const one of opened) one.ignored = true;
  lost.clear();
}

export function findLostHandles(): Found[] {
  return [...lost.values()].map(({ where, count }) => ({
    suspect: {
      resource: 'descriptor',
      fingerprint: suspectFingerprint('descriptor', 'lost file handle', where),
      count,
      rule: 'growth',
      where,
      sample: 'file handle that was never closed: only garbage collection did it (DEP0137)',
    },
    causes: [],
  }));
}

function follow(handle: object, stack: Captured): void {
  const close: unknown = Reflect.get(handle, 'close');
  if (typeof close !== 'function') return;
  const one: Opened = keepOut({ ignored: false, stack, where: [] });
  const value = function closing(this: unknown, ...given: unknown[]): unknown {
    one.ignored = true;
    opened.delete(one);
    return Reflect.apply(close, this, given);
  };
  Object.setPrototypeOf(value, HostFunction.prototype);
  const was = Object.getOwnPropertyDescriptor(handle, 'close');
  const rest = { configurable: true, writable: true, enumerable: was?.enumerable ?? false };
  if (!Reflect.defineProperty(handle, 'close', { ...rest, value })) return;
  opened.add(one);
  registry.register(handle, one);
}

function readStack(one: Opened): void {
  if (!one.stack) return;
  one.where = positionsOf(one.stack);
  delete one.stack;
}
