/**
 * Clocks of the target with an offset that only {@link shiftClocks} changes. Replaced before the program starts, and only if the case
 * advances time: a program may keep `performance.now` or `process.hrtime` in a variable.
 */
import { syncBuiltinESMExports } from 'node:module';
import { HostDate, HostFunction, hostGlobal, hostProcess } from '../base/built-ins.ts';

const realNow = performance.now.bind(performance);
const realDate = HostDate;
const realDateNow = Date.now;
const realHrtime = process.hrtime.bigint.bind(process.hrtime);
const realUptime = process.uptime.bind(process);

/** Offset of all clocks, ms. */
let offset = 0;
let replaced = false;

/** Monotonic time (ms) as the program sees it. */
export function shiftedNow(): number {
  return realNow() + offset;
}

/** Monotonic time (ms) of the machine. */
export function machineNow(): number {
  return realNow();
}

export function clockOffset(): number {
  return offset;
}

/** Whether the clocks were replaced before the program started. */
export function areClocksReplaced(): boolean {
  return replaced;
}

/** Sets the offset of all clocks; it never decreases. */
export function shiftClocks(to: number): void {
  offset = Math.max(offset, to);
}

/** Replaces Date, `performance.now`, `process.hrtime`, `process.uptime` and Temporal by versions with the offset. */
export function replaceClocks(): void {
  replaced = true;
  replaceDate();
  put(ownerOf(hostGlobal.performance, 'now'), 'now', function now() {
    return realNow() + offset;
  });
  const hrtime = function hrtime(since?: [number, number]): [number, number] {
    const now = hrtimeNow();
    const from = since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n;
    const passed = now - from;
    const seconds = passed / 1_000_000_000n;
    return [Number(seconds), Number(passed - seconds * 1_000_000_000n)];
  };
  hrtime.bigint = hrtimeNow;
  put(hostProcess, 'hrtime', hrtime);
  put(hostProcess, 'uptime', () => realUptime() + offset / 1000);
  replaceTemporal();
  syncBuiltinESMExports();
}

function hrtimeNow(): bigint {
  return realHrtime() + BigInt(Math.round(offset * 1000)) * 1000n;
}

function dateNow(): number {
  return realDateNow() + Math.round(offset);
}

function replaceDate(): void {
  const shifted = new Proxy(realDate, {
    construct: (date, given: unknown[], newTarget) =>
      Reflect.construct(date, given.length > 0 ? given : [dateNow()], newTarget) as object,
    apply: () => new realDate(dateNow()).toString(),
  });
  put(realDate, 'now', dateNow);
  // `date.constructor` must be the Date that the program has
  put(realDate.prototype, 'constructor', shifted);
  put(hostGlobal, 'Date', shifted);
}

type TemporalNow = Record<string, (zone?: unknown) => unknown>;

/** Replaces Temporal.Now, which has no argument for the time: each form is made from the shifted instant. */
function replaceTemporal(): void {
  const temporal = Reflect.get(hostGlobal, 'Temporal') as
    | { Now: TemporalNow; Instant: { fromEpochMilliseconds(ms: number): object } }
    | undefined;
  if (!temporal) return;
  const { Now, Instant } = temporal;
  type Zoned = Record<'toPlainDateTime' | 'toPlainDate' | 'toPlainTime', () => unknown>;
  const instant = (): object => Instant.fromEpochMilliseconds(dateNow());
  const zoned = (zone: unknown = Now['timeZoneId']?.()): Zoned =>
    (instant() as { toZonedDateTimeISO(zone: unknown): Zoned }).toZonedDateTimeISO(zone);
  put(Now, 'instant', instant);
  put(Now, 'zonedDateTimeISO', zoned);
  put(Now, 'plainDateTimeISO', (zone?: unknown) => zoned(zone).toPlainDateTime());
  put(Now, 'plainDateISO', (zone?: unknown) => zoned(zone).toPlainDate());
  put(Now, 'plainTimeISO', (zone?: unknown) => zoned(zone).toPlainTime());
}

function ownerOf(object: object, name: string): object {
  let owner: object | null = object;
  while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? object;
}

function put(on: object, name: string, value: unknown): void {
  const was = Object.getOwnPropertyDescriptor(on, name);
  if (typeof value === 'function' && typeof was?.value === 'function') {
    Object.defineProperty(value, 'name', { value: (was.value as { name: string }).name, configurable: true });
    if (Object.getPrototypeOf(value) === Function.prototype)
      Object.setPrototypeOf(value, HostFunction.prototype);
  }
  Object.defineProperty(on, name, {
    configurable: true,
    writable: true,
    enumerable: was?.enumerable ?? false,
    value,
  });
}
