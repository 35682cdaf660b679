/**
 * Collects garbage once, at once. The inspector's command runs four collections, later.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { hostGlobal } from './built-ins.ts';

let collect: (() => void) | undefined;

/** Collects garbage; false if V8 does not allow it: its flags are shared by the process, and another thread may just have reset this one. */
export function collectGarbage(): boolean {
  collect ??= exposed();
  collect?.();
  return collect !== undefined;
}

function exposed(): (() => void) | undefined {
  if (typeof hostGlobal.gc === 'function') return hostGlobal.gc;
  v8.setFlagsFromString('--expose-gc');
  try {
    const gc: unknown = vm.runInNewContext("typeof gc === 'function' ? gc : undefined");
    return typeof gc === 'function' ? (gc as () => void) : undefined;
  } finally {
    v8.setFlagsFromString('--no-expose-gc');
  }
}
