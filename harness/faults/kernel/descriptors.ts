import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { runTool, toolPath } from '../../lab/system-tool.ts';
import type { Heal } from './kernel-context.ts';

/** Longest wait (ms) for a process to come to rest; then it is taken as it is. */
const PATIENCE = 200;
/** Consecutive looks, 1 ms apart, at which it must be asleep: a short sleep may be a lock's. */
const LOOKS = 5;

/**
 * Leaves a process only `left` more descriptors: opening beyond them fails with EMFILE. Open ones stay open.
 * Changes only the soft limit, as `ulimit -n` would, and needs no namespace.
 */
export async function exhaustDescriptors(pid: number, left: number): Promise<Heal> {
  const before = await softLimit(pid);
  await untilAtRest(pid);
  await setSoftLimit(pid, String(limitFor(pid, left)));
  return async () => {
    // a process that has exited has no limit any more
    if (isAlive(pid)) await setSoftLimit(pid, before);
  };
}

/**
 * Waits until a process is idle. A busy one may have a gap among its descriptors: at EMFILE libuv closes its spare one
 * (`uv__emfile_trick`). A limit at that moment removes the spare one for good: the process then refuses nobody, and spins.
 */
async function untilAtRest(pid: number): Promise<void> {
  let asleep = 0;
  for (const end = performance.now() + PATIENCE; performance.now() < end; await delay(1)) {
    // proc_pid_stat(5): the state comes after the name, which is in parentheses
    const [, state] = /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    asleep = state === 'S' ? asleep + 1 : 0;
    if (asleep === LOOKS) return;
  }
}

/** Limit for this many free descriptors: it applies to the number of a descriptor, so gaps below it are free, too. */
function limitFor(pid: number, left: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let free = 0;
  let limit = 0;
  while (free < left || used.has(limit)) {
    if (!used.has(limit)) free++;
    limit++;
  }
  return limit;
}

async function softLimit(pid: number): Promise<string> {
  const text = await prlimit(pid, ['--noheadings', '--raw', '--output', 'SOFT', '--nofile']);
  return text.trim();
}

async function setSoftLimit(pid: number, soft: string): Promise<void> {
  await prlimit(pid, [`--nofile=${soft}:`]);
}

function prlimit(pid: number, words: readonly string[]): Promise<string> {
  return runTool([toolPath('prlimit'), '--pid', String(pid), ...words]);
}

function isAlive(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).length >= 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new LastfinError('LASTFIN_LAB', `cannot look at process ${pid}`, { cause: error });
  }
}
