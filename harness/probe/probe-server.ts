/**
 * The harness's end of the probe. Stable API, called by `harness/target` and `harness/run`:
 *
 *   const probe = await openProbe();                        // the Unix socket exists now
 *   spawn(node, [...probe.importArgs, 'target.js'], { env: { ...process.env, ...probe.env } });
 *   await probe.connected();                                // the hello, or LASTFIN_PROBE
 *   await probe.baseline(); …; await probe.report(); await probe.close();
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { LastfinError } from '../../errors/lastfin-error.ts';
import { PROBE_CLOCKS_ENV, PROBE_SOCKET_ENV } from './protocol.ts';
import type { Observer } from './observer.ts';
import type { Advanced, Alive, Hello, Position, Reply, Report, Request, Sample } from './protocol.ts';
import { PositionMapper } from './map-positions.ts';

export type ProbeOptions = {
  /** ms to wait for the target's hello; 10000 */
  helloWithin?: number;
  /** ms to wait for one answer; a report on a large heap takes seconds; 30000 */
  answerWithin?: number;
  /** also preload why-is-node-running (async hooks: slows the target, for an explaining rerun); false */
  why?: boolean;
  /** replace the target's clocks at its start, so that {@link Probe.advance} can be asked for; false */
  clocks?: boolean;
};

type Asked = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;
type Settle<T> = { resolve: (value: T) => void; reject: (error: LastfinError) => void };
type Pending = Settle<unknown> & { timer: NodeJS.Timeout };

/** What the peers, who live in this process, have to answer a target that has touched the network. ms */
const REPLY_TIME = 3;

/** Creates the socket that a probe will connect to. Nothing of the target runs yet. */
export async function openProbe(options: ProbeOptions = {}): Promise<Probe> {
  const folder = await mkdtemp(join(tmpdir(), 'lf-'));
  const path = join(folder, 'p');
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new LastfinError('LASTFIN_PROBE', `cannot listen on ${path}`, { facts: { path }, cause });
  }
  return new Probe(server, folder, path, options);
}

/** One target's probe, from before the spawn until {@link Probe.close}. Every failure is a `LASTFIN_PROBE`. */
export class Probe implements Observer {
  /** it sees whatever is in its process */
  readonly blind: readonly string[] = [];
  /** to merge into the target's environment */
  readonly env: Readonly<Record<string, string>>;
  /** to put between `node` and the script: `--import <url> …` */
  readonly importArgs: readonly string[];
  /** the same for NODE_OPTIONS, where the command line is not ours */
  readonly nodeOptions: string;

  readonly #server: Server;
  readonly #folder: string;
  readonly #options: Required<ProbeOptions>;
  readonly #mapper = new PositionMapper();
  readonly #pending = new Map<number, Pending>();
  readonly #hello: Promise<Hello>;
  readonly #settleHello: Settle<Hello>;
  #socket: Socket | undefined;
  readonly #others = new Set<Socket>();
  #lastId = 0;
  #gone: LastfinError | undefined;

  /** @internal use {@link openProbe} */
  constructor(server: Server, folder: string, path: string, options: ProbeOptions) {
    this.#server = server;
    this.#folder = folder;
    this.#options = {
      helloWithin: options.helloWithin ?? 10_000,
      answerWithin: options.answerWithin ?? 30_000,
      why: options.why ?? false,
      clocks: options.clocks ?? false,
    };
    this.env = {
      [PROBE_SOCKET_ENV]: path,
      ...(this.#options.clocks ? { [PROBE_CLOCKS_ENV]: '1' } : {}),
    };
    const preloads = [...(this.#options.why ? ['why'] : []), 'preload'].map(preloadUrl);
    this.importArgs = preloads.flatMap((url) => ['--import', url]);
    this.nodeOptions = preloads.map((url) => `--import=${url}`).join(' ');
    const { promise, resolve, reject } = deferred<Hello>();
    this.#hello = promise;
    // a target that dies before anyone asks must not become an unhandled rejection
    promise.catch(() => undefined);
    this.#settleHello = { resolve, reject };
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** The target's hello. Rejects when none came within `helloWithin` ms of this call, or the probe was closed. */
  async connected(): Promise<Hello> {
    const within = this.#options.helloWithin;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failure(`no hello from the target within ${within} ms`)), within);
    });
    try {
      return await Promise.race([this.#hello, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Is a target there to be asked? */
  get isConnected(): boolean {
    return this.#socket !== undefined && this.#gone === undefined;
  }

  /** The cheap look: no heap walk. */
  async sample(): Promise<Sample> {
    return (await this.#ask({ do: 'sample' })) as Sample;
  }

  /** Remembers what is alive now; a later call replaces it. */
  async baseline(): Promise<void> {
    await this.#ask({ do: 'baseline' });
  }

  /** What is alive now and was not at the baseline, with positions in the sources. */
  async report(): Promise<Report> {
    return this.#mapper.report((await this.#ask({ do: 'report' })) as Report);
  }

  /** Hooks the collections and emitters that the last report found growing. */
  async arm(): Promise<void> {
    await this.#ask({ do: 'arm' });
  }

  /** What the hooks saw since {@link Probe.arm}, by fingerprint of the suspect; takes the hooks off again. */
  async explain(): Promise<Record<string, Position[]>> {
    return this.#mapper.byFingerprint((await this.#ask({ do: 'explain' })) as Record<string, Position[]>);
  }

  /**
   * Lets time pass in the target, at most `within` ms of ours. Where the target touches the network, whoever lives in
   * this process gets the time to answer. `done` false: it did not come to the end.
   */
  async advance(ms: number, within: number): Promise<Advanced> {
    const end = performance.now() + within;
    for (;;) {
      const advanced = (await this.#ask({ do: 'advance', ms })) as Advanced;
      if (advanced.done || performance.now() > end) return advanced;
      await delay(REPLY_TIME);
    }
  }

  /** What keeps the target's event loop alive. */
  async alive(): Promise<{ alive: Alive[]; why?: string }> {
    const answer = (await this.#ask({ do: 'alive' })) as { alive: Alive[]; why?: string };
    return { ...answer, alive: await this.#mapper.alive(answer.alive) };
  }

  /** Ends the conversation: pending calls reject, socket and folder are removed. Never rejects; may be called twice. */
  async close(): Promise<void> {
    this.#end(failure('the probe was closed'));
    for (const other of this.#others) other.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await rm(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    socket.on('error', () => undefined);
    // the first to connect is the target; what comes later are its children, held so that they end with the probe
    if (this.#gone) {
      socket.destroy();
      return;
    }
    if (this.#socket) {
      this.#others.add(socket);
      socket.once('close', () => this.#others.delete(socket));
      socket.resume();
      return;
    }
    this.#socket = socket;
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
    });
    socket.on('close', () => this.#end(failure('the target closed its probe: it exited or was killed')));
  }

  #hear(line: string): void {
    let message: Hello | Reply;
    try {
      message = JSON.parse(line) as Hello | Reply;
    } catch (cause) {
      this.#end(failure('the probe sent what is not JSON', { line: line.slice(0, 200) }, cause));
      return;
    }
    if ('hello' in message) {
      this.#settleHello.resolve(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if ('error' in message) pending.reject(failure(`the probe failed: ${message.error}`));
    else pending.resolve(message.ok);
  }

  async #ask(request: Asked): Promise<unknown> {
    if (this.#gone) throw this.#gone;
    const socket = this.#socket;
    const what = request.do;
    if (!socket) throw failure(`cannot ask for ${what}: the target has not connected`);
    const id = ++this.#lastId;
    const within = this.#options.answerWithin;
    const { promise, resolve, reject } = deferred<unknown>();
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(failure(`no answer to ${what} within ${within} ms`, { request: what }));
    }, within);
    this.#pending.set(id, { resolve, reject, timer });
    socket.write(`${JSON.stringify({ id, ...request } satisfies Request)}\n`);
    return promise;
  }

  #end(error: LastfinError): void {
    if (this.#gone) return;
    this.#gone = error;
    this.#settleHello.reject(error);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#socket?.destroy();
  }
}

/** URL of a compiled preload; from the TypeScript sources (tests) it is the one that `npm run build` made. */
function preloadUrl(name: string): string {
  const here = import.meta.url;
  const folder = here.endsWith('.ts') ? '../../dist/harness/probe/' : './';
  const url = new URL(`${folder}${name}.js`, here);
  if (!existsSync(fileURLToPath(url))) {
    throw failure(`the probe is not built: ${fileURLToPath(url)} is missing; run npm run build`);
  }
  return url.href;
}

function failure(message: string, facts: Record<string, unknown> = {}, cause?: unknown): LastfinError {
  return new LastfinError('LASTFIN_PROBE', message, { facts, cause });
}

function deferred<T>(): Settle<T> & { promise: Promise<T> } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: LastfinError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
