import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

import { Client } from '../../actors/client.ts';
import { Upstream } from '../../actors/upstream.ts';
import { sampleExchange } from '../../actors/warm-up-script.ts';
import type { Entry } from '../../journal/entry.ts';
import { Recorder } from '../../journal/recorder.ts';
import { Network } from '../../lab/network/network.ts';
import { emptySample, type Observer } from '../../probe/observer.ts';
import type { Suspect } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import { planOne } from '../../scenario/testing/plan-text.ts';
import { PLAIN } from '../../scenario/transport.ts';
import type { RunningTarget } from '../../targets/process/attached-target.ts';
import type { CaseContext } from '../case-context.ts';
import { RelativePositions } from '../case-lab/relative-positions.ts';
import { Series } from '../series/series.ts';

/** Clients open, exchange 64 bytes with the upstream, and close. */
const SCENARIO = `
about: An exchange.
connections: 3
client: [open, { send: 64 }, { expect: 64 }, close]
upstream: [{ expect: 64 }, { send: 64 }, { expect: end }, close]
expect: { drain: 60ms }
`;

/** Real actors around a pipe in this process, looked at by a hand-made observer. */
export class PipeContext {
  readonly context: CaseContext;
  readonly #recorder = new Recorder(() => undefined);
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #most: number;
  #accepted = 0;
  #ended = 0;
  #held = 0;

  private constructor(server: net.Server, upstream: Upstream, network: Network, options: PipeOptions) {
    this.#server = server;
    this.#most = options.most ?? Infinity;
    const listen = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    server.on('connection', (incoming: net.Socket) => {
      if (this.#held >= this.#most) {
        incoming.resetAndDestroy();
        return;
      }
      this.#accepted++;
      this.#held++;
      incoming.once('close', () => this.#ended++);
      this.#pass(incoming, net.connect({ ...upstream.address, allowHalfOpen: true }));
    });
    const client = new Client({
      address: listen,
      pending: () => 0,
      transport: PLAIN,
      server: false,
      sample: undefined,
      lab: { pem: undefined, upstream: upstream.address },
      notesSource: true,
    });
    const observer = observerOf(options.observer?.(this) ?? {});
    const target = options.target ?? runningTarget(new Promise(() => undefined));
    const refuse = (): never => {
      throw new Error('this case has no faults');
    };
    this.context = {
      case: { ...planOne(SCENARIO), ...options.case },
      recorder: this.#recorder,
      baseline: emptySample(),
      signal: new AbortController().signal,
      lab: {
        client,
        upstream,
        links: {},
        network,
        family: 'ipv4',
        listen,
        entrance: upstream.address,
        addresses: [],
        names: undefined,
        target,
        observer,
        targetPid: target.pid,
        evidence: undefined,
        series: new Series(this.#recorder, { pid: target.pid, ownSession: false }),
        lacks: {},
        throwInTarget: refuse,
        reload: refuse,
        stopTarget: () => {
          target.signal('SIGTERM');
        },
        signalPending: () => false,
        withoutFamily: undefined,
        acceptsPending: () => false,
        readConnecting: () => undefined,
        readRecords: () => Promise.resolve(undefined),
        exchange: sampleExchange({ client: PLAIN, upstream: PLAIN }),
        positions: new RelativePositions('/'),
      },
    };
  }

  static async open(options: PipeOptions = {}): Promise<PipeContext> {
    const network = await Network.lay('none');
    const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = new Upstream({
      address: { host: '127.0.0.1', port: await freePort() },
      lab: { pem: undefined, upstream: { host: '127.0.0.1', port: 1 } },
    });
    await upstream.listen();
    return new PipeContext(server, upstream, network, options);
  }

  /** connections that the pipe has accepted so far */
  get accepted(): number {
    return this.#accepted;
  }

  /** Lets the connections that have ended count no longer against the limit; returns how many still do. */
  forget(): number {
    this.#held -= this.#ended;
    this.#ended = 0;
    return this.#held;
  }

  /** Entries of one type in the journal so far. */
  entries<Type extends Entry['type']>(type: Type): Extract<Entry, { type: Type }>[] {
    return this.#recorder.entries.filter(
      (entry): entry is Extract<Entry, { type: Type }> => entry.type === type,
    );
  }

  /** Refuses connections from now on. */
  stopListening(): void {
    this.#server.close();
  }

  close(): void {
    this.stopListening();
    for (const socket of this.#sockets) socket.destroy();
    this.context.lab.client.release();
    this.context.lab.upstream.close();
  }

  #pass(incoming: net.Socket, outgoing: net.Socket): void {
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}

export type PipeOptions = {
  /** changes of the case */
  case?: Partial<Case>;
  /** makes the observer's methods; the others see nothing */
  observer?: (pipe: PipeContext) => Partial<Observer>;
  target?: RunningTarget;
  /** limit of the pipe's connections, which count until `forget` even after their end; default: none */
  most?: number;
};

/** A growing resource with this count. */
export function grown(count: number, more: Partial<Suspect> = {}): Suspect {
  return { resource: 'timer', rule: 'growth', fingerprint: 'x', count, where: [], sample: '', ...more };
}

/** The process of this test as a target; `exited` tells when it seems to be gone. */
export function runningTarget(
  exited: RunningTarget['exited'],
  more: Partial<RunningTarget> = {},
): RunningTarget {
  return {
    pid: process.pid,
    stderr: '',
    exited,
    signal: () => undefined,
    kill: () => Promise.resolve(),
    ...more,
  };
}

function observerOf(methods: Partial<Observer>): Observer {
  const nothing = { suspects: [], took: 0 };
  return {
    sample: () => Promise.resolve(emptySample()),
    baseline: () => Promise.resolve(),
    report: () => Promise.resolve(nothing),
    memory: () => Promise.resolve(0),
    objects: () => Promise.resolve(nothing),
    memoryKind: 'kept',
    arm: () => Promise.resolve(),
    explain: () => Promise.resolve({}),
    alive: () => Promise.resolve({ alive: [] }),
    blind: [],
    ...methods,
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
