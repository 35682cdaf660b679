/**
 * One garbage collection, at once. The inspector's takes four, later.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { hostGlobal } from './built-ins.ts';

let collect: (() => void) | undefined;

/** False where V8 does not let us: its flags are those of the whole process, and another thread may just have put this one back. */
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
