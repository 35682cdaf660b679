import { isOfRunner } from '../../in-process/test-runner-exclusions.ts';
import type { ProcessLeak } from '../../in-process/process-leak.ts';
import type { EndOfProgram, LeftAtEnd, Position } from '../../probe/protocol.ts';

/** Package managers and their helpers: what they leave is nobody's of the project. */
const OF_TOOLS =
  /[/\\]node_modules[/\\](?:npm|pnpm|yarn|corepack|tap|@tapjs|tape|ava|uvu|nyc|borp|concurrently|cross-env|foreground-child|signal-exit)[/\\]|[/\\]\.yarn[/\\]/;
/** Time that a pending time-out would be given by other checks, ms. */
const SOON = 1_000;
/** Things of one line that need not be a leak: what is made once, as a pool or a clock, and keeps nothing alive. */
const ONCE = 1;

/** Leaks of a program at its end. @param isRunning whether a process that it has started is still there */
export function leaksAtEnd(
  { how, left, warnings }: EndOfProgram,
  isRunning: (pid: number) => boolean,
): ProcessLeak[] {
  // a program that an error has ended had no time to clean up
  if (how === 'error') return [];
  return [
    // what has ended by itself was kept alive by nothing, such as a connection whose look-up of a name never came back
    ...merged(
      left.map((one) => ({
        ...one,
        where: ofProgram(one.where),
        keepsAlive: one.keepsAlive && how !== 'end',
      })),
    )
      .map((one) => (one.pids === undefined ? one : stillRunning(one, isRunning)))
      .filter(isLeak)
      .map(asLeak),
    ...warnings.flatMap(({ text, count, where: all }): ProcessLeak[] => {
      const where = ofProgram(all);
      if (!text.startsWith('MaxListenersExceeded') || where.length === 0) return [];
      return [{ resource: 'listener', fingerprint: `warning ${text}`, count, where, sample: text }];
    }),
  ];
}

function isLeak({ resource, count, where, keepsAlive, ends, firesIn }: LeftAtEnd): boolean {
  // every hook is there before the program: without a line it is Node's own
  if (count === 0 || where.length === 0 || ends === true) return false;
  if (firesIn !== undefined && firesIn <= SOON) return false;
  // a package keeps clocks of its own, one for each connection in its pool
  return keepsAlive || resource === 'child' || (count > ONCE && where.some(isOfProject));
}

/** Only children that are there after the command count: many are killed at the very end. */
function stillRunning(one: LeftAtEnd, isRunning: (pid: number) => boolean): LeftAtEnd {
  const pids = (one.pids ?? []).filter(isRunning);
  return { ...one, pids, count: pids.length };
}

function isOfProject({ file }: Position): boolean {
  return !/[/\\]node_modules[/\\]/.test(file);
}

function ofProgram(where: readonly Position[]): Position[] {
  return where.filter((one) => !isOfRunner(one) && !OF_TOOLS.test(one.file));
}

/** Groups of one kind and line, whose objects were told apart by other things. */
function merged(left: readonly LeftAtEnd[]): LeftAtEnd[] {
  const groups = new Map<string, LeftAtEnd>();
  for (const one of left) {
    const key = [keyOf(one), one.keepsAlive, one.ends ?? false].join(' ');
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { ...one });
    else same.count += one.count;
  }
  return [...groups.values()];
}

function keyOf({ resource, where }: LeftAtEnd): string {
  return [resource, ...where.map(({ file, line, column }) => `${file}:${line}:${column}`)].join(' ');
}

function asLeak(one: LeftAtEnd): ProcessLeak {
  const { resource, count, where, sample, keepsAlive } = one;
  return {
    resource,
    fingerprint: keyOf(one),
    count,
    where,
    sample: keepsAlive ? sample : `${sample}, unref`,
  };
}
