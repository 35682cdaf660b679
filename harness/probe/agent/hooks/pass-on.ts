/**
 * Passes the probe on to worker threads and child processes. The program's own environment does not show it.
 */
import { ChildProcess } from 'node:child_process';
import { setEnvironmentData } from 'node:worker_threads';
import { copyOf, HostFunction } from '../base/built-ins.ts';

const OPTIONS = 'NODE_OPTIONS';
/** Script that gives a process or thread a probe. It lies beside the bundle that contains this file. */
export const PRELOAD = new URL('./preload.js', import.meta.url).href;

type Spawn = (this: ChildProcess, options: unknown) => unknown;

/** Hooks the start of children. Called before {@link keepOrigins}, whose stack must begin with the program's call. */
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

/** Adds variables to the environment, which Node has converted to `KEY=value` pairs by now, whichever function was called. */
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
