/**
 * The harness's end of the probe. Stable API, called by `harness/run`:
 *
 *   const probe = await openProbe();                        // the Unix socket exists now
 *   spawn(node, [...probe.importArgs, 'target.js'], { env: { ...process.env, ...probe.env } });
 *   await probe.connected();                                // the hello, or LASTFIN_PROBE
 *   await probe.baseline(); …; await probe.report(); await probe.close();
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PROBE_CLOCKS_ENV, PROBE_LIVES_ENV, PROBE_SOCKET_ENV } from '../protocol.ts';
import { combineAdvanced, combineAlive, combineReports, combineSamples, type Answered } from './combine.ts';
import { Conversation } from './conversation.ts';
import { failure, type TargetProcess, nameOf } from './target-process.ts';
import type { Observer, ReportOptions } from '../observer.ts';
import type {
  Advanced,
  Alive,
  FailOrder,
  Hello,
  Position,
  Report,
  Sample,
  SocketLife,
  Starting,
} from '../protocol.ts';
import { PositionMapper } from './map-positions.ts';
import { preloadUrl } from './preload-url.ts';

export type ProbeOptions = {
  /** ms to wait for the target's hello; 10000 */
  helloWithin?: number;
  /** ms to wait for one answer; a report on a large heap takes seconds; 30000 */
  answerWithin?: number;
  /** preload why-is-node-running, too (async hooks: slows the target, for an explaining rerun); default: false */
  why?: boolean;
  /** replace the target's clocks at its start, so that {@link Probe.advance} can be asked for; false */
  clocks?: boolean;
  /** follow each socket, so that {@link Probe.lives} can be asked for; slows the target; false */
  lives?: boolean;
  /** ms that a busy machine has kept from a process so far: an answer has that much longer; () => 0 */
  starvedFor?: (pid: number) => number;
};

const WITHOUT_PROBE =
  'no probe is preloaded into a thread whose source is text or that has execArgv of its own';

/** Time (ms) in which the peers, who live in this process, can answer a target that has touched the network. */
const REPLY_TIME = 3;

/** Creates the socket that a probe will connect to. Nothing of the target runs yet. */
export async function openProbe(options: ProbeOptions = {}): Promise<Probe> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-'));
  const address = path.join(folder, 'p');
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw failure(`cannot listen on ${address}`, { path: address }, cause);
  }
  return new Probe(server, folder, address, options);
}

/**
 * Probe of one target, from before the spawn until {@link Probe.close}: the target itself, its child processes and its worker
 * threads. Every failure is a `LASTFIN_PROBE`.
 */
export class Probe implements Observer {
  /** processes and threads that have no probe */
  blind: readonly string[] = [];
  readonly memoryKind = 'kept';
  /** to merge into the target's environment */
  readonly env: Readonly<Record<string, string>>;
  /** to put between `node` and the script: `--import <url> …` */
  readonly importArgs: readonly string[];
  /** the same for NODE_OPTIONS, where the command line is not ours */
  readonly nodeOptions: string;

  readonly #server: Server;
  readonly #folder: string;
  readonly #options: Required<ProbeOptions>;
  readonly #mapper = new PositionMapper((file) => this.#mapOf(file));
  readonly #conversation: Conversation;

  /** @internal use {@link openProbe} */
  constructor(server: Server, folder: string, address: string, options: ProbeOptions) {
    this.#server = server;
    this.#folder = folder;
    this.#options = {
      helloWithin: options.helloWithin ?? 10_000,
      answerWithin: options.answerWithin ?? 30_000,
      why: options.why ?? false,
      clocks: options.clocks ?? false,
      lives: options.lives ?? false,
      starvedFor: options.starvedFor ?? ((): number => 0),
    };
    this.env = {
      [PROBE_SOCKET_ENV]: address,
      ...(this.#options.clocks ? { [PROBE_CLOCKS_ENV]: '1' } : {}),
      ...(this.#options.lives ? { [PROBE_LIVES_ENV]: '1' } : {}),
    };
    const preloads = [...(this.#options.why ? ['why'] : []), 'agent/preload'].map(preloadUrl);
    this.importArgs = preloads.flatMap((url) => ['--import', url]);
    this.nodeOptions = preloads.map((url) => `--import=${url}`).join(' ');
    this.#conversation = new Conversation(server, this.#options);
  }

  /** The target's hello. Rejects when none came within `helloWithin` ms of this call, or the probe was closed. */
  connected(): Promise<Hello> {
    return this.#conversation.connected();
  }

  /** Whether a target is there to be asked. */
  get isConnected(): boolean {
    return this.#conversation.isConnected;
  }

  /** Process ids of the target, of its children and their children, as far as they are Node programs. */
  get pids(): number[] {
    return [...new Set(this.#conversation.present().flatMap(({ hello }) => hello?.pid ?? []))];
  }

  /**
   * Waits, at most `helloWithin`, until the processes and threads that the target has started have said hello and loaded their program: one
   * that does so after the baseline would have none of it in there, and its leak go unseen.
   */
  async allUp(): Promise<void> {
    const end = performance.now() + this.#options.helloWithin;
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      const all = await this.#conversation.askAll<Starting>({ do: 'started' });
      // one that has greeted meanwhile was not asked whether it still loads
      const silent = all
        .flatMap(({ answer }) => answer.started)
        .filter((one) => !all.some(({ targetProcess }) => targetProcess.is(one)));
      this.blind = silent.map(
        (one) => `${nameOf(one)}: ${one.greets ? 'it hangs at its start' : WITHOUT_PROBE}`,
      );
      const isLoading = all.some(
        ({ targetProcess, answer }) => !this.#conversation.isMain(targetProcess) && answer.reads,
      );
      const isUp = !isLoading && !silent.some(({ greets }) => greets);
      if (isUp || performance.now() > end) return;
      await delay(pause);
    }
  }

  /** The cheap look: no heap walk. */
  async sample(): Promise<Sample> {
    return combineSamples(await this.#conversation.askAll<Sample>({ do: 'sample' }));
  }

  /** Remembers what is alive now, in all processes and threads that have been started; a later call replaces it. */
  async baseline(): Promise<void> {
    await this.allUp();
    // only those that were asked: another may have said hello meanwhile
    for (const { targetProcess } of await this.#conversation.askAll({ do: 'baseline' }))
      targetProcess.hasBaseline = true;
  }

  /** Reports everything that is alive and was not at the baseline, with positions in the sources. The name of what has grown takes a heap snapshot. */
  async report({ placeholders = false }: ReportOptions = {}): Promise<Report> {
    // what was started since is its parent's to answer for; from here on it has to answer for itself
    const answers = await this.#conversation.askAll<Report>(
      { do: 'report', placeholders },
      (targetProcess) => this.#conversation.isMain(targetProcess) || targetProcess.hasBaseline,
    );
    const late = (targetProcess: TargetProcess): boolean =>
      !this.#conversation.isMain(targetProcess) && !targetProcess.hasBaseline;
    for (const { targetProcess } of await this.#conversation.askAll({ do: 'baseline' }, late))
      targetProcess.hasBaseline = true;
    return this.#mapper.report(combineReports(answers));
  }

  /** Memory of all its processes and threads together. */
  async memory(): Promise<number> {
    const answers = await this.#conversation.askAll<number>({ do: 'heap' });
    return answers.reduce((sum, one) => sum + one.answer, 0);
  }

  /** Writes a heap snapshot of the target, not of its children, to a file; resolves with the reason if there is none. */
  async keepHeap(file: string): Promise<string | undefined> {
    const isMain = (one: TargetProcess): boolean => this.#conversation.isMain(one);
    const [main] = await this.#conversation.askAll<string | null>({ do: 'keep-heap', file }, isMain);
    return main?.answer ?? undefined;
  }

  /** Counts objects by class; from the third call on, reports those that have gone on growing. `connections` since the call before, 0 begins anew. */
  async objects(connections: number): Promise<Report> {
    return this.#mapper.report(
      combineReports(await this.#conversation.askAll<Report>({ do: 'objects', connections })),
    );
  }

  /** Hooks the collections and emitters that the last report found growing; has V8 sample what is allocated, where asked for. */
  async arm({ allocations = false }: { allocations?: boolean } = {}): Promise<void> {
    await this.#conversation.askAll({ do: 'arm', allocations });
  }

  /** Lines that the hooks saw since {@link Probe.arm}, by fingerprint of the suspect; takes the hooks off again. */
  async explain(): Promise<Record<string, Position[]>> {
    const answers = await this.#conversation.askAll<Record<string, Position[]>>({ do: 'explain' });
    const explained = Object.assign({}, ...answers.map((one) => one.answer).toReversed()) as Record<
      string,
      Position[]
    >;
    return this.#mapper.byFingerprint(explained);
  }

  /**
   * Advances the target's clock within `within` ms of real time. Where the target touches the network, whoever lives in
   * this process gets the time to answer. `done` false: it did not come to the end.
   *
   * @param options `late`: the clocks need not have been replaced at the start, and the target goes on from wherever the time has come to
   */
  async advance(ms: number, within: number, { late = false }: { late?: boolean } = {}): Promise<Advanced> {
    const end = performance.now() + within;
    const last = new Map<TargetProcess, Answered<Advanced>>();
    for (;;) {
      const going = (targetProcess: TargetProcess): boolean => !last.get(targetProcess)?.answer.done;
      for (const one of await this.#conversation.askAll<Advanced>({ do: 'advance', ms, late }, going))
        last.set(one.targetProcess, one);
      const advanced = combineAdvanced([...last.values()]);
      if (advanced.done) return advanced;
      if (performance.now() > end) {
        if (late) await this.#conversation.askAll({ do: 'advance', ms: 0, late }, going);
        return advanced;
      }
      await delay(REPLY_TIME);
    }
  }

  /**
   * Throws an error at sockets of the target as the kernel would: at those that are connected, or at each that connects until the
   * returned function is called. That rejects where none was connected meanwhile: a fault that nobody met has shown nothing.
   */
  async fail(order: FailOrder): Promise<() => Promise<void>> {
    await this.#conversation.askAll({ do: 'fail', order });
    return async () => {
      // a target that has ended meanwhile throws no more by itself
      if (!this.isConnected) return;
      const answers = await this.#conversation.askAll<number>({ do: 'fail-no-more', order });
      if (order.phase === 'connected' && answers.every((one) => one.answer === 0)) {
        throw failure(`the target had no connected ${order.side} socket to throw ${order.code} at`, {
          order,
        });
      }
    };
  }

  /** Lives of the target's sockets since the baseline, the most frequent first; none unless they are followed. */
  async lives(): Promise<SocketLife[]> {
    const answers = await this.#conversation.askAll<SocketLife[]>({ do: 'lives' });
    return this.#mapper.lives(answers.flatMap(({ answer }) => answer));
  }

  /** Names everything that keeps the target alive; where it has exited, everything that keeps its children alive. */
  async alive(): Promise<{ alive: Alive[]; why?: string }> {
    // a target that hangs is found out sooner by what takes it no time
    if (this.isConnected) await this.sample();
    const answer = combineAlive(
      await this.#conversation.askAll<{ alive: Alive[]; why?: string }>({ do: 'alive' }, undefined, true),
    );
    return { ...answer, alive: await this.#mapper.alive(answer.alive) };
  }

  /** Ends the conversation: pending calls reject, socket and folder are removed. Never rejects; may be called twice. */
  async close(): Promise<void> {
    this.#conversation.end(failure('the probe was closed'));
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The first of the target's processes that has loaded the file tells; one that is gone cannot. */
  async #mapOf(file: string): Promise<string | null> {
    const answers = await this.#conversation.askAll<string | null>(
      { do: 'source-map', file },
      undefined,
      true,
    );
    return answers.find((one) => one.answer !== null)?.answer ?? null;
  }
}
