import type { Suspect } from '../protocol.ts';
import type { OsDescriptor } from './os-look.ts';
import type { OpenTcp, OsView } from './os-view.ts';
import type { OsProcess } from './process-tree.ts';
import { endsInWords, stateInWords, type TcpSide } from './tcp-words.ts';

/** Growth of memory (KiB), in all or a connection, below which it is not examined further. */
const LEAST_MEMORY = 1024;
const LEAST_MEMORY_EACH = 4;

/**
 * Suspects by the kernel's account since the baseline. An accepted connection has one owner and one end: a single one left is a leak.
 * Everything else may be a resident (a pool, a helper process), which only further rounds can tell.
 */
export function osSuspects(before: OsView, now: OsView, connections: number): Suspect[] {
  return [
    ...tcpSuspects(before.tcp, now.tcp, now.processes),
    ...descriptorSuspects(before.descriptors, now.descriptors, now.processes),
    ...processSuspects(before.processes, now.processes),
    ...threadSuspects(before.threads, now.threads),
    // children have memory of their own, so they count instead
    ...(now.processes.length > before.processes.length
      ? []
      : memorySuspects(before.memory, now.memory, connections)),
  ];
}

function tcpSuspects(before: OpenTcp[], now: OpenTcp[], processes: readonly OsProcess[]): Suspect[] {
  const old = new Set(before.map(({ inode }) => inode));
  return (['incoming', 'outgoing', 'listening', 'other'] as const).flatMap((side) => {
    const all = now.filter((one) => one.side === side);
    const fresh = all.filter(({ inode }) => !old.has(inode));
    // one client's connection never replaces another's
    const count =
      side === 'incoming' ? fresh.length : all.length - before.filter((one) => one.side === side).length;
    const first = fresh[0];
    if (count <= 0 || first === undefined) return [];
    return suspect(
      'tcp',
      side,
      count,
      side === 'incoming' ? 'presence' : 'pace',
      tcpInWords(fresh, side, processes),
    );
  });
}

/** Sockets as text: `3 in CLOSE_WAIT: the client has ended its side, the target has not; such as 127.0.0.1:9000 ← …` */
function tcpInWords(sockets: OpenTcp[], side: TcpSide, processes: readonly OsProcess[]): string {
  const byState = new Map<string, OpenTcp[]>();
  for (const one of sockets) {
    const state = one.gone ? 'UNHASHED' : one.row.state;
    byState.set(state, [...(byState.get(state) ?? []), one]);
  }
  return [...byState]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([name, group]) => {
      const { row, by, gone } = group[0] as OpenTcp;
      const state = gone ? 'UNHASHED' : row.state;
      const where = gone ? 'in no state any more' : `in ${name}`;
      return (
        `${group.length} ${where}: ${stateInWords(state, side)}; ` +
        `such as ${endsInWords(row, side)}, ${holderInWords(by, processes)}`
      );
    })
    .join('; ');
}

function descriptorSuspects(
  before: OsView['descriptors'],
  now: OsView['descriptors'],
  processes: readonly OsProcess[],
): Suspect[] {
  return [...now].flatMap(([what, all]) => {
    const earlier = before.get(what) ?? [];
    const count = all.length - earlier.length;
    if (count <= 0) return [];
    const old = new Set(earlier.map(key));
    const one = all.find((each) => !old.has(key(each))) ?? all[0];
    if (one === undefined) return [];
    const words =
      what === 'socket without a connection'
        ? `a socket whose connection is over (reset, or both sides have ended) or was never made, never closed; such as`
        : `${what} never closed; such as`;
    return suspect(
      'descriptor',
      what,
      count,
      'pace',
      `${words} ${one.link}, ${holderInWords(one, processes)}`,
    );
  });
}

const key = ({ pid, fd, link }: OsDescriptor): string => `${pid} ${fd} ${link}`;

function processSuspects(before: readonly OsProcess[], now: readonly OsProcess[]): Suspect[] {
  const old = new Set(before.map(({ pid }) => pid));
  const isZombie = ({ state }: OsProcess): boolean => state === 'Z';
  const groups: [resource: 'zombie' | 'process', fits: (one: OsProcess) => boolean, words: string][] = [
    ['zombie', isZombie, 'it has ended, and its parent never waited for it'],
    ['process', (one) => !isZombie(one), 'it is still running'],
  ];
  return groups.flatMap(([resource, fits, words]) => {
    // the target itself comes first
    const all = now.slice(1).filter(fits);
    const count = all.length - before.slice(1).filter(fits).length;
    const one = all.find(({ pid }) => !old.has(pid)) ?? all[0];
    if (count <= 0 || one === undefined) return [];
    return suspect(
      resource,
      one.name,
      count,
      'pace',
      `\`${one.name}\`: ${words}; such as process ${one.pid}`,
    );
  });
}

function threadSuspects(before: OsView['threads'], now: OsView['threads']): Suspect[] {
  return [...now].flatMap(([like, { count: all, name }]) => {
    const count = all - (before.get(like)?.count ?? 0);
    if (count <= 0) return [];
    const words = `such as \`${name}\`: ${all} now, ${all - count} at the baseline`;
    return suspect('thread', like, count, 'pace', words);
  });
}

function memorySuspects(before: number, now: number, connections: number): Suspect[] {
  const grown = now - before;
  if (grown < LEAST_MEMORY || grown < LEAST_MEMORY_EACH * connections) return [];
  return suspect('memory', '', grown, 'slope', `own memory: ${now} KiB, ${before} KiB at the baseline`);
}

function suspect(
  resource: Suspect['resource'],
  detail: string,
  count: number,
  rule: Suspect['rule'],
  sample: string,
): Suspect[] {
  return [{ resource, fingerprint: `${resource} ${detail}`.trim(), count, rule, where: [], sample }];
}

function holderInWords({ pid, fd }: OsDescriptor, processes: readonly OsProcess[]): string {
  const name = processes.find((one) => one.pid === pid)?.name;
  return `descriptor ${fd} of process ${pid}${name === undefined ? '' : ` (${name})`}`;
}
