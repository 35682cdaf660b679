/**
 * Hands the probe on to the worker threads and child processes of this one. The program's own environment shows nothing of it.
 */
import { ChildProcess } from 'node:child_process';
import { setEnvironmentData } from 'node:worker_threads';
import { copyOf, HostFunction } from '../base/built-ins.ts';

const OPTIONS = 'NODE_OPTIONS';
/** Script that a process or thread loads to have a probe. Beside the bundle, which this file is part of. */
export const PRELOAD = new URL('./preload.js', import.meta.url).href;

type Spawn = (this: ChildProcess, options: unknown) => unknown;

/** Called before {@link keepOrigins}, whose stack must begin with the program's call. */
export function passOn(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) setEnvironmentData(name, value);
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const { spawn: original } = prototype;
  const replaced: Spawn = function spawn(options) {
    return Reflect.apply(original, this, [withVariables(options, variables)]);
  };
  Object.setPrototypeOf(replaced, HostFunction.prototype);
  Object.defineProperty(prototype, 'spawn', {
    configurable: true,
    writable: true,
    enumerable: true,
    value: replaced,
  });
}

/** Node has made `KEY=value` pairs of the environment by now, whichever of its functions was called. */
function withVariables(options: unknown, variables: Record<string, string>): unknown {
  const { envPairs } = (options ?? {}) as { envPairs?: unknown };
  if (!Array.isArray(envPairs)) return options;
  const all = copyOf(envPairs as string[]);
  const pairs = all.filter((pair) => !pair.startsWith(`${OPTIONS}=`));
  const given = all.find((pair) => pair.startsWith(`${OPTIONS}=`))?.slice(OPTIONS.length + 1);
  const nodeOptions = given?.includes(PRELOAD)
    ? given
    : [given, `--import=${PRELOAD}`].filter(Boolean).join(' ');
  const added = Object.entries({ ...variables, [OPTIONS]: nodeOptions }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return { ...(options as object), envPairs: [...pairs, ...added] };
}
