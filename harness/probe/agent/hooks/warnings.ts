/**
 * Warnings by which Node itself reports a leak, with the line that was running: too many listeners, a file left to the garbage
 * collector, an unhandled rejection.
 */
import { types } from 'node:util';
import { replace } from '../base/hook.ts';
import { HostError, hostProcess } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import type { Position, WarningSeen } from '../../protocol.ts';
import { capture, positionsOf, positionText } from '../base/stacks.ts';

const TELLING_NAME = /^(MaxListenersExceeded|PromiseRejectionHandled|UnhandledPromiseRejection)Warning$/;
const TELLING_TEXT = /\bleak|garbage collect|unhandled|not handled/i;
/** Most different warnings that are kept. */
const MOST = 20;
const LONGEST = 400;

const seen = keepOut(new Map<string, WarningSeen>());

/** Starts listening. Called once, before the program. */
export function followWarnings(): void {
  replace(hostProcess, 'emitWarning', (emitWarning) => {
    return function replaced(this: unknown, ...given) {
      const text = textOf(given);
      if (text !== undefined) note(text, positionsOf(capture(replaced)));
      return Reflect.apply(emitWarning, this, given);
    };
  });
}

/** Warnings since the start. */
export function warningsSeen(): WarningSeen[] {
  return [...seen.values()];
}

/** Text of a warning that may indicate a leak; undefined for others. */
function textOf([warning, type]: readonly unknown[]): string | undefined {
  const error = isError(warning) ? warning : undefined;
  const name = error?.name ?? (typeof type === 'string' ? type : 'Warning');
  const message = error?.message ?? String(warning);
  if (!TELLING_NAME.test(name) && !TELLING_TEXT.test(message)) return undefined;
  return `${name}: ${message}`.slice(0, LONGEST);
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof HostError;
}

function note(text: string, where: Position[]): void {
  // numbers differ from one warning to the next
  const key = `${text.replaceAll(/\d+/g, 'N')} ${where[0] ? positionText(where[0]) : ''}`;
  const known = seen.get(key);
  if (known) known.count++;
  else if (seen.size < MOST) seen.set(key, keepOut({ text, count: 1, where }));
}
