import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Variable in the environment of a run that all its processes inherit. */
export const MARK = 'LASTFIN_TEST_MARK';

/** Processes that a run has started, found by the mark in their environment. */
export function marked(mark: string): number[] {
  return processes().filter((pid) => read(`/proc/${pid}/environ`).includes(`${MARK}=${mark}`));
}

/** The first marked process whose command line contains `words`; waits until there is one. */
export async function markedWith(mark: string, words: string): Promise<number> {
  const [first = 0] = await allMarkedWith(mark, words, (command) => command.includes(words));
  return first;
}

/** All marked processes whose command lines fit; waits until there is one. */
export async function allMarkedWith(
  mark: string,
  words: string,
  fits: (command: string) => boolean,
): Promise<number[]> {
  let found: number[] = [];
  await until(`a process with ${words}`, () => {
    found = marked(mark).filter((pid) => fits(commandOf(pid)));
    return found.length > 0;
  });
  return found;
}

/** The command line of a process; empty when it is gone. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** The part that a process has in a run of the reference proxy. */
export type Role = 'command line' | 'worker' | 'target' | 'Toxiproxy' | 'helper';

const ROLES: readonly [program: string, Role][] = [
  ['harness/cli/main.js', 'command line'],
  ['harness/run/workers/worker-main.js', 'worker'],
  ['proxy/cli/main.js', 'target'],
  ['toxiproxy', 'Toxiproxy'],
];

/** Tells the role of a process from its command line. */
export function roleOf(command: string): Role {
  return ROLES.find(([program]) => command.includes(program))?.[1] ?? 'helper';
}

/** Namespaces that these processes are in. */
export function namespacesOf(pids: readonly number[]): Set<string> {
  const names = ['net', 'user', 'mnt', 'pid'].flatMap((kind) =>
    pids.map((pid) => link(`/proc/${pid}/ns/${kind}`)),
  );
  return new Set(names.filter((name) => name !== ''));
}

/** The namespaces of a run that is under way, and all processes that there were then. */
export type Inhabited = { namespaces: ReadonlySet<string>; processes: ReadonlySet<number> };

/** The namespaces that the processes of a run have and this process has not. */
export function inhabited(mark: string): Inhabited {
  const ours = namespacesOf([process.pid]);
  const names = [...namespacesOf(marked(mark))].filter((name) => !ours.has(name));
  return { namespaces: new Set(names), processes: new Set(processes()) };
}

/**
 * Namespaces that a process of then is still in. The kernel gives the number of a namespace that is gone to the next one, perhaps of
 * another run, so that later processes prove nothing.
 */
export function stillThere({ namespaces, processes: then }: Inhabited): string[] {
  const now = namespacesOf(processes().filter((pid) => then.has(pid)));
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
