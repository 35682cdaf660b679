import { readdirSync, readFileSync } from 'node:fs';

/** Process, as described by /proc. */
export type OsProcess = {
  pid: number;
  parent: number;
  session: number;
  /** state R, S, D …; Z: it has ended and its parent has not waited for it */
  state: string;
  /** first 15 characters of the program's name */
  name: string;
  threads: number;
  /** time from the machine's boot to its start, in clock ticks */
  started: number;
};

export type TreeOptions = {
  wholeSession: boolean;
  /** includes every later process whose parent is process 1; only if no foreign processes are visible */
  orphans?: boolean;
};

/**
 * Process `root` and everything that it started: its children and theirs; with `wholeSession` those of its session, including ones
 * whose parent has gone; with `orphans` ones that have left the session, too. Empty if `root` is gone; `root` comes first.
 *
 * Source: proc_pid_stat(5).
 */
export function processTree(root: number, { wholeSession, orphans = false }: TreeOptions): OsProcess[] {
  const first = readProcess(root);
  if (first === undefined || first.state === 'Z' || first.state === 'X') return [];
  const others = listPids().flatMap((pid) => (pid === root ? [] : (readProcess(pid) ?? [])));
  const tree = [first];
  const members = new Set([root]);
  // a child may have a lower number than its parent if numbers have wrapped around
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
 * Processes started after that time whose parent has gone: a double fork leaves session and parent. Only for a namespace in which just
 * the harness and its target have processes.
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

/** Reads a process; undefined if there is none. */
export function readProcess(pid: number): OsProcess | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // the name is in brackets, and may contain brackets and blanks
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

/** Memory of the process itself (anonymous, resident or swapped out), KiB; 0 if the system does not tell. */
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

/** Names of a process's threads; empty if it is gone. */
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
