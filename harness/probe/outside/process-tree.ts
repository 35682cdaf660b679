import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc tells it. */
export type OsProcess = {
  pid: number;
  parent: number;
  session: number;
  /** R, S, D …; Z: it has ended and nobody has waited for it */
  state: string;
  /** the first 15 characters of the program's name */
  name: string;
  threads: number;
  /** clock ticks from the boot of the machine to its start */
  started: number;
};

export type TreeOptions = {
  wholeSession: boolean;
  /** all that came later and has process 1 for its parent; only where nobody else's processes are seen */
  orphans?: boolean;
};

/**
 * The process `root` and all that it started: its children and theirs, and with `wholeSession` also those of its session,
 * which finds the ones whose parent has gone, and with `orphans` those that have left the session, too. Empty when `root` is gone; `root` itself comes first.
 *
 * Source: proc_pid_stat(5).
 */
export function processTree(root: number, { wholeSession, orphans = false }: TreeOptions): OsProcess[] {
  const first = readProcess(root);
  if (first === undefined || first.state === 'Z' || first.state === 'X') return [];
  const others = listPids().flatMap((pid) => (pid === root ? [] : (readProcess(pid) ?? [])));
  const tree = [first];
  const members = new Set([root]);
  // a child may have a lower number than its parent, where numbers have wrapped round
  for (let grew = true; grew;) {
    grew = false;
    for (const one of others) {
      if (members.has(one.pid)) continue;
      const isLeft = (wholeSession && one.session === root) || (orphans && isOrphan(one, first.started));
      if (!members.has(one.parent) && !isLeft) continue;
      members.add(one.pid);
      tree.push(one);
      grew = true;
    }
  }
  return tree;
}

/**
 * Processes that came after that time and whose parent has gone: a double fork leaves session and parent. Only for a namespace in which nobody
 * but the harness and its target has processes.
 */
export function orphansSince(started: number): OsProcess[] {
  return listPids()
    .flatMap((pid) => readProcess(pid) ?? [])
    .filter((one) => isOrphan(one, started));
}

function isOrphan({ pid, parent, started, state }: OsProcess, since: number): boolean {
  return parent === 1 && pid !== process.pid && started >= since && state !== 'Z';
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** undefined when there is no such process */
export function readProcess(pid: number): OsProcess | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // the name stands in brackets and may have brackets and blanks in it
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  return {
    pid,
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    session: Number(fields[3]),
    threads: Number(fields[17]),
    started: Number(fields[19]),
  };
}

/** Memory that is the process's own (anonymous, resident or swapped out), KiB; 0 where the system does not tell. */
export function ownMemory(pid: number): number {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return 0;
  }
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return field('RssAnon') + field('VmSwap');
}

/** The names of a process's threads; empty when it is gone. */
export function threadNames(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      try {
        return readFileSync(`/proc/${pid}/task/${thread}/comm`, 'latin1').trimEnd();
      } catch {
        return []; // it has ended while we looked
      }
    });
  } catch {
    return [];
  }
}
