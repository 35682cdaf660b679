/**
 * Somebody else's command, with the probe in every Node.js program that it starts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isRunning as exists } from '../../../shared/is-running.ts';
import type { ProcessLeak } from '../../in-process/process-leak.ts';
import { PositionMapper } from '../../probe/host/map-positions.ts';
import { preloadUrl } from '../../probe/host/preload-url.ts';
import { readProcess } from '../../probe/outside/process-tree.ts';
import { type EndOfProgram, PROBE_ENDS_ENV, type StartOfProgram } from '../../probe/protocol.ts';
import { leaksAtEnd } from './judge-end.ts';

/** Program or thread of a command, and what it left behind. */
export type ProgramSeen = StartOfProgram & {
  /** `signal`: it could not tell its end, as something has killed it; `running`: it is there after the command */
  how: EndOfProgram['how'] | 'signal' | 'running';
  by: EndOfProgram['by'];
  exitCode?: number;
  leaks: ProcessLeak[];
  blind?: string;
};

/** A command that has ended. */
export type CommandSeen = { command: string; exitCode: number; programs: ProgramSeen[] };

/** Exit code of a shell for a command that a signal has ended, less the signal's number. */
const BY_SIGNAL = 128;
/** Pause between two looks at what still runs, ms. */
const PAUSE = 20;

/**
 * Runs a command to its end. Its input and output are ours.
 *
 * @param settle ms in which everything that it has started must have ended after it
 */
export async function runWith(command: string, settle: number, signal: AbortSignal): Promise<CommandSeen> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-ends-'));
  try {
    const exitCode = await run(command, folder, signal);
    const { starts, ends } = await read(folder);
    const children = ends.flatMap(({ left }) => left.flatMap(({ pids = [] }) => pids));
    const silent = starts.filter((start) => start.thread === 0 && !ends.some((end) => isOf(end, start)));
    const end = performance.now() + settle;
    while ([...children, ...silent.map(({ pid }) => pid)].some(isRunning) && performance.now() < end)
      await delay(PAUSE, undefined, { signal });
    // some have told their end meanwhile
    const last = await read(folder);
    return {
      command,
      exitCode,
      programs: await Promise.all(last.starts.map((start) => seen(start, last.ends))),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(command: string, folder: string, signal: AbortSignal): Promise<number> {
  const options = [process.env['NODE_OPTIONS'], `--import=${preloadUrl('agent/preload')}`];
  const env = { ...process.env, [PROBE_ENDS_ENV]: folder, NODE_OPTIONS: options.filter(Boolean).join(' ') };
  const child = spawn(command, { shell: true, stdio: 'inherit', env });
  const kill = (): void => void child.kill();
  signal.addEventListener('abort', kill);
  try {
    const [code, by] = (await once(child, 'exit')) as [number | null, string | null];
    signal.throwIfAborted();
    return code ?? BY_SIGNAL + (SIGNALS[by ?? ''] ?? 0);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** Whether a process is there, and not only its entry that nobody has waited for. */
function isRunning(pid: number): boolean {
  return exists(pid) && readProcess(pid)?.state !== 'Z';
}

async function read(folder: string): Promise<{ starts: StartOfProgram[]; ends: EndOfProgram[] }> {
  const names = (await readdir(folder)).toSorted((a, b) => timeOf(a) - timeOf(b));
  const all = async <T>(ending: string): Promise<T[]> => {
    const texts = names
      .filter((name) => name.endsWith(ending))
      .map((name) => readFile(path.join(folder, name), 'utf8'));
    // one that is being written is that of a program which still runs
    return (await Promise.all(texts)).flatMap((text) => (text.endsWith('}') ? [JSON.parse(text) as T] : []));
  };
  return { starts: await all<StartOfProgram>('.start'), ends: await all<EndOfProgram>('.end') };
}

function timeOf(name: string): number {
  return Number(name.split('-')[2]?.split('.')[0]);
}

function isOf(end: StartOfProgram, { pid, thread }: StartOfProgram): boolean {
  return end.pid === pid && end.thread === thread;
}

async function seen(start: StartOfProgram, ends: readonly EndOfProgram[]): Promise<ProgramSeen> {
  const end = ends.find((one) => isOf(one, start));
  if (end === undefined) {
    const how = isRunning(start.pid) ? 'running' : 'signal';
    return { ...start, how, by: [], leaks: [] };
  }
  const { maps = {} } = end;
  const mapper = new PositionMapper((file) => Promise.resolve(maps[file] ?? null));
  const left = end.left.map(async (one) => ({ ...one, where: await mapper.positions(one.where) }));
  const warnings = end.warnings.map(async (one) => ({ ...one, where: await mapper.positions(one.where) }));
  const mapped = { ...end, left: await Promise.all(left), warnings: await Promise.all(warnings) };
  const { how, exitCode, blind } = end;
  return {
    ...start,
    how,
    by: await mapper.positions(end.by),
    exitCode,
    leaks: leaksAtEnd(mapped, isRunning),
    ...(blind === undefined ? {} : { blind }),
  };
}
