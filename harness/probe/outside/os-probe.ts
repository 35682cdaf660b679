import { existsSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { kindOf } from '../agent/base/descriptors.ts';
import { emptySample, type Observer } from '../observer.ts';
import type { Alive, Report, Sample } from '../protocol.ts';
import { lookAt, type OsLook } from './os-look.ts';
import { osSuspects } from './os-suspects.ts';
import { type OpenTcp, type OsView, viewOf } from './os-view.ts';
import { ownMemory, processTree } from './process-tree.ts';
import type { Endpoint } from './tcp-table.ts';
import { endsInWords, stateInWords } from './tcp-words.ts';

export type OsProbeOptions = {
  pid: number;
  /** whether the target has its own session: processes in it belong to the target even after their parent has gone */
  ownSession: boolean;
  /** whether no foreign processes are visible from here, so that processes outside session and parent belong to the target, too */
  ownProcesses?: boolean;
  /** addresses of target and upstream, which tell the two sides of a connection apart */
  listen: Endpoint;
  upstream: Endpoint;
  /** connections of one round; negligible growth for each is not examined further */
  connections: number;
};

/**
 * Observes a target from outside, by the kernel's account: it works for any language, without the target's help. Without /proc it sees
 * nothing and says so in {@link blind}.
 *
 * @example
 * const probe = new OsProbe({ pid, ownSession: true, listen, upstream });
 * await probe.baseline();
 * // …
 * (await probe.report()).suspects[0]?.sample; // '3 in CLOSE_WAIT: the client has ended its side, …'
 */
export class OsProbe implements Observer {
  readonly blind: readonly string[];
  readonly memoryKind = 'rss';
  readonly #options: OsProbeOptions;
  readonly #known = new Map<number, OpenTcp>();
  #baseline: OsView | undefined;

  constructor(options: OsProbeOptions) {
    this.#options = options;
    this.blind = hasProc() ? this.#hidden() : [`no /proc on this machine (${process.platform}): ${ALL}`];
  }

  async sample(): Promise<Sample> {
    const sample = emptySample();
    if (!hasProc()) return sample;
    const { processes, descriptors } = this.#look();
    for (const { link } of descriptors) {
      const kind = kindOf(link);
      sample.fds[kind] = (sample.fds[kind] ?? 0) + 1;
    }
    const zombies = processes.filter(({ state }) => state === 'Z').length;
    sample.os = {
      processes: processes.length - zombies,
      zombies,
      threads: processes.reduce((sum, { threads }) => sum + threads, 0),
      memory: processes.reduce((sum, { pid }) => sum + ownMemory(pid), 0),
    };
    return sample;
  }

  async baseline(): Promise<void> {
    if (hasProc()) this.#baseline = this.#view();
  }

  async report(): Promise<Report> {
    const started = performance.now();
    if (this.#baseline === undefined) return { suspects: [], took: 0 };
    const suspects = osSuspects(this.#baseline, this.#view(), this.#options.connections);
    return { suspects, took: Math.round(performance.now() - started) };
  }

  async memory(): Promise<number> {
    return (await this.sample()).os?.memory ?? 0;
  }

  /** Reports nothing: the heap is invisible from outside. */
  objects(): Promise<Report> {
    return Promise.resolve({ suspects: [], took: 0 });
  }

  /** Does nothing: there is nothing to hook from outside. */
  async arm(): Promise<void> {}

  async explain(): Promise<Record<string, never>> {
    return {};
  }

  async alive(): Promise<{ alive: Alive[] }> {
    if (!hasProc() || processTree(this.#options.pid, { wholeSession: false }).length === 0)
      return { alive: [] };
    const { tcp, processes, threads } = this.#view();
    return {
      alive: [
        ...tcp.map((one) => ({ what: socketInWords(one), where: [] })),
        ...processes.slice(1).map(({ pid, name, state }) => ({
          what: `child process ${pid} (${name}), state ${state}`,
          where: [],
        })),
        ...[...threads.values()].map(({ name, count }) => ({
          what: `${count} threads such as \`${name}\``,
          where: [],
        })),
      ],
    };
  }

  /** Whether the process or one of its children listens on this port. */
  listensOn(port: number): boolean {
    return this.#view().tcp.some(({ side, row }) => side === 'listening' && row.local.port === port);
  }

  /** Parts of the target that may not be read; empty if it has just ended, which its exit shows. */
  #hidden(): string[] {
    try {
      return hiddenFrom(this.#look());
    } catch (error) {
      if (error instanceof LastfinError && error.code === 'LASTFIN_PROBE') return [];
      throw error;
    }
  }

  #look(): OsLook {
    const { pid, ownSession, ownProcesses = false } = this.#options;
    return lookAt(pid, { wholeSession: ownSession, orphans: ownSession && ownProcesses });
  }

  #view(): OsView {
    return viewOf(this.#look(), this.#options, this.#known);
  }
}

const ALL = 'descriptors, TCP states, threads, children and memory of the target are not seen';

function hasProc(): boolean {
  return existsSync('/proc/self/stat');
}

function hiddenFrom({ hidden, processes }: OsLook): string[] {
  return hidden.map(
    ({ pid, name }) =>
      `no right to read the descriptors of process ${pid} (${name})` +
      (pid === processes[0]?.pid ? ': descriptors and TCP states of the target are not seen' : ''),
  );
}

function socketInWords({ row, side, gone }: OpenTcp): string {
  const state = gone ? 'UNHASHED' : row.state;
  const ends = endsInWords(row, side);
  return side === 'listening'
    ? `listening on ${ends}`
    : `TCP ${side} ${state} ${ends}: ${stateInWords(state, side)}`;
}
