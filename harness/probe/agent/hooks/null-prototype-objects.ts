/**
 * Objects without a prototype: programs use them as tables, and a heap walk by prototypes does not come by them. Those that
 * `Object.create(null)` made are known; those of a literal with `__proto__: null` are not.
 */
import { replace, type Method } from '../base/hook.ts';
import type { Inspection } from '../base/inspection.ts';
import { HostObject } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';

/** So many after each heap walk: who makes more makes records, not tables. */
const MOST = 10_000;

const bare = keepOut(new WeakSet<object>());
let room = MOST;

/** Called once, before the program. Node's own code has the original. */
export function followBareObjects(): void {
  replace(HostObject, 'create', (original): Method => {
    return function create(...given) {
      const made = Reflect.apply(original, HostObject, given) as object;
      if (given[0] === null && room > 0) {
        room--;
        bare.add(made);
      }
      return made;
    };
  });
}

/** Those that garbage collection has left. */
export function bareObjects(inspection: Inspection): object[] {
  room = MOST;
  return inspection.membersOf(bare);
}
