/**
 * Objects without a prototype: programs use them as tables, and a heap walk by prototypes misses them. Those made by
 * `Object.create(null)` are recorded; literals with `__proto__: null` are not.
 */
import { replace, type Method } from '../base/hook.ts';
import type { Inspection } from '../base/inspection.ts';
import { HostObject } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';

/** Most objects recorded after each heap walk: a program that makes more makes records, not tables. */
const MOST = 10_000;

const bare = keepOut(new WeakSet<object>());
let room = MOST;

/** Starts recording. Called once, before the program. Node's own code uses the original method. */
export function followNullPrototypeObjects(): void {
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

/** Recorded objects that garbage collection has left. */
export function nullPrototypeObjects(inspection: Inspection): object[] {
  room = MOST;
  return inspection.membersOf(bare);
}
