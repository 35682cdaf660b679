import { connect, type Server, type Socket } from 'node:net';
import { reportResetAfterData } from '../../../shared/reset-after-data.ts';
import { joinHostPort, parsePort, resolveListen, splitHostPort } from './address.ts';
import { toxicExists, toxicNotFound } from '../api-error.ts';
import { Connection, DIRECTIONS } from '../flow/connection.ts';
import { listen, stopListening } from './listener.ts';
import type { ProxyMetrics } from './metrics.ts';
import { seededRandom } from '../random.ts';
import { touches, type Toxic } from '../toxic.ts';
import { ToxicChain } from '../flow/toxic-chain.ts';

export type ProxyOptions = {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly seed: bigint;
  readonly metrics: ProxyMetrics | undefined;
  readonly toxics?: readonly Toxic[];
  readonly halfClose?: boolean;
};

export type ProxyChange = {
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
};

/** A listener, where it forwards to, its toxics, and the connections through it. Calls must not overlap. */
export class Proxy {
  readonly name: string;
  /** An extension: an end of one side goes through. */
  readonly halfClose: boolean;
  readonly toxics = new ToxicChain();
  readonly #connections = new Set<Connection>();
  /** Clients whose upstream is still being dialled, and those dials. */
  readonly #dialling = new Set<Socket>();
  readonly #seed: bigint;
  readonly #metrics: ProxyMetrics | undefined;
  #listen: string;
  #upstream: string;
  #server: Server | undefined;
  #accepted = 0;

  constructor(options: ProxyOptions) {
    this.name = options.name;
    this.#listen = options.listen;
    this.#upstream = options.upstream;
    this.#seed = options.seed;
    this.#metrics = options.metrics;
    this.halfClose = options.halfClose ?? false;
    for (const toxic of options.toxics ?? []) this.toxics.add(toxic);
  }

  get listen(): string {
    return this.#listen;
  }

  get upstream(): string {
    return this.#upstream;
  }

  get enabled(): boolean {
    return this.#server !== undefined;
  }

  /** Connections that are open, or whose upstream is being dialled. */
  get open(): number {
    return this.#connections.size + this.#dialling.size;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const { server, address } = await listen(this.#listen, this.#accept);
    this.#server = server;
    this.#listen = address;
  }

  /** Stops listening and closes every connection at once. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const stopped = stopListening(server);
    for (const socket of this.#dialling) socket.destroy();
    for (const connection of this.#connections) connection.close();
    await stopped;
  }

  /** Whether the address or the upstream would change. Throws if the address cannot be resolved. */
  async differs(change: { readonly listen: string; readonly upstream: string }): Promise<boolean> {
    const { host, port } = await resolveListen(change.listen);
    return joinHostPort(host, port) !== this.#listen || change.upstream !== this.#upstream;
  }

  async update(change: ProxyChange): Promise<void> {
    if (await this.differs(change)) {
      await this.stop();
      this.#listen = change.listen;
      this.#upstream = change.upstream;
    }
    if (change.enabled) await this.start();
    else await this.stop();
  }

  async addToxic(toxic: Toxic): Promise<void> {
    toxic.addedAfter = this.#accepted;
    this.toxics.add(toxic);
    await this.#onLinks(toxic, 'addToxic');
  }

  async updateToxic(name: string, change: (toxic: Toxic) => void): Promise<Toxic> {
    const toxic = this.toxics.find(name);
    if (toxic === undefined) throw toxicNotFound();
    change(toxic);
    await this.#onLinks(toxic, 'updateToxic');
    return toxic;
  }

  async removeToxic(name: string): Promise<void> {
    const toxic = this.toxics.find(name);
    if (toxic === undefined) throw toxicNotFound();
    this.toxics.remove(toxic);
    await this.#onLinks(toxic, 'removeToxic');
  }

  /** Throws if a toxic has that name. */
  requireFree(name: string): void {
    if (this.toxics.find(name) !== undefined) throw toxicExists();
  }

  async #onLinks(toxic: Toxic, change: 'addToxic' | 'updateToxic' | 'removeToxic'): Promise<void> {
    const links = Array.from(this.#connections, (connection) => connection.links[toxic.direction]);
    await Promise.all(links.map(async (link) => link[change](toxic)));
  }

  readonly #accept = (client: Socket): void => {
    const number = ++this.#accepted;
    // Errors of a socket show as its close.
    client.on('error', ignore);
    const upstream = dial(this.#upstream);
    if (upstream === undefined) {
      client.destroy();
      return;
    }
    this.#dialling.add(client).add(upstream);
    const failed = (): void => {
      this.#dialling.delete(client);
      this.#dialling.delete(upstream);
      client.destroy();
      upstream.destroy();
    };
    upstream.on('error', ignore);
    upstream.once('close', failed);
    upstream.once('connect', () => {
      if (client.destroyed) {
        upstream.destroy();
        return;
      }
      upstream.off('close', failed);
      this.#dialling.delete(client);
      this.#dialling.delete(upstream);
      this.#join(client, upstream, number);
    });
  };

  #join(client: Socket, upstream: Socket, number: number): void {
    const connection = new Connection({
      client,
      upstream,
      toxics: (direction) => this.toxics.of(direction),
      random: (direction) => seededRandom(this.#seed, `${this.name}\0${number}\0${direction}`),
      spares: (toxic) => !touches(toxic, number),
      halfClose: this.halfClose,
      onEnd: (ended) => {
        this.#connections.delete(ended);
        if (this.#metrics === undefined) return;
        for (const direction of DIRECTIONS) this.#metrics.add(this, direction, ended.links[direction]);
      },
    });
    this.#connections.add(connection);
    connection.start();
  }
}

function ignore(): void {}

/** Undefined if the address is nothing that can be dialled. */
function dial(address: string): Socket | undefined {
  try {
    const { host, port } = splitHostPort(address);
    return reportResetAfterData(
      connect({
        host: host === '' ? 'localhost' : host,
        port: parsePort(port),
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 15_000,
      }),
    );
  } catch {
    return undefined;
  }
}
