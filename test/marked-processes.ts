import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Variable in the environment of a run that all its processes inherit. */
export const MARK = 'LASTFIN_TEST_MARK';

/** Processes that a run has started, found by the mark in their environment. */
export function marked(mark: string): number[] {
  return processes().filter((pid) => read(`/proc/${pid}/environ`).includes(`${MARK}=${mark}`));
}

/** The marked process whose command line contains `words`; waits until there is one. */
export async function markedWith(mark: string, words: string): Promise<number> {
  let found: number | undefined;
  await until(`a process with ${words}`, () => {
    found = marked(mark).find((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').includes(words));
    return found !== undefined;
  });
  return found ?? 0;
}

/** Namespaces that these processes are in. */
export function namespacesOf(pids: readonly number[]): Set<string> {
  const names = ['net', 'user', 'mnt', 'pid'].flatMap((kind) =>
    pids.map((pid) => link(`/proc/${pid}/ns/${kind}`)),
  );
  return new Set(names.filter((name) => name !== ''));
}

/** Of these namespaces, those that a process is still in. */
export function stillThere(namespaces: ReadonlySet<string>): string[] {
  const now = namespacesOf(processes());
  return [...namespaces].filter((name) => now.has(name));
}

export async function until(what: string, ready: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !ready(); await delay(20)) {
    if (Date.now() > end) throw new Error(`${what}: not within 30 s`);
  }
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // it has ended in the meantime, or is not ours
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // as above
    return '';
  }
}
