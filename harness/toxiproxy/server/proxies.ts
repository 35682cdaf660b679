import { missingField, proxyExists, proxyNotFound } from '../api-error.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { ProxyMetrics } from './metrics.ts';
import { Proxy, type ProxyChange } from './proxy.ts';
import type { Toxic } from '../toxic.ts';

export type ProxyInput = {
  readonly name: string;
  readonly toxics?: readonly Toxic[];
  readonly halfClose?: boolean;
} & ProxyChange;

/** All proxies of a server by name. Changes of one proxy wait for each other; different proxies do not. */
export class Proxies {
  readonly #proxies = new Map<string, Proxy>();
  readonly #lock = new KeyedLock();
  readonly #options: { readonly seed: bigint; readonly metrics: ProxyMetrics | undefined };

  constructor(options: { readonly seed: bigint; readonly metrics: ProxyMetrics | undefined }) {
    this.#options = options;
  }

  /** Sorted by the bytes of their names, as Go prints a map. */
  all(): Proxy[] {
    return [...this.#proxies.values()].toSorted((a, b) =>
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
    );
  }

  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw proxyNotFound();
    return proxy;
  }

  async create(input: ProxyInput): Promise<Proxy> {
    return this.#lock.run(input.name, async () => {
      if (this.#proxies.has(input.name)) throw proxyExists();
      const proxy = this.#make(input);
      if (input.enabled) await proxy.start();
      this.#proxies.set(proxy.name, proxy);
      return proxy;
    });
  }

  /** As {@link create}; a proxy of that name is kept if it is the same, else replaced. */
  async createOrReplace(input: ProxyInput): Promise<Proxy> {
    return this.#lock.run(input.name, async () => {
      const existing = this.#proxies.get(input.name);
      if (existing !== undefined) {
        if (!(await existing.differs(input))) return existing;
        await existing.stop();
      }
      const proxy = this.#make(input);
      if (input.enabled) await proxy.start();
      this.#proxies.set(proxy.name, proxy);
      return proxy;
    });
  }

  /** Runs a change of one proxy after those before it. */
  async change<T>(name: string, task: (proxy: Proxy) => Promise<T>): Promise<T> {
    return this.#lock.run(name, async () => task(this.get(name)));
  }

  async remove(name: string): Promise<void> {
    await this.change(name, async (proxy) => {
      await proxy.stop();
      this.#proxies.delete(name);
    });
  }

  /** Enables every proxy and removes every toxic; stops at the first that cannot listen. */
  async reset(): Promise<void> {
    for (const { name } of this.all()) {
      await this.#lock.run(name, async () => {
        const proxy = this.#proxies.get(name);
        await proxy?.start();
        for (const toxic of proxy?.toxics.all() ?? []) await proxy?.removeToxic(toxic.name);
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map(async ({ name }) => this.remove(name)));
  }

  #make(input: ProxyInput): Proxy {
    return new Proxy({ ...input, ...this.#options });
  }
}

/** Throws what the real server answers to a proxy without a name or an upstream. */
export function requireFields(input: ProxyInput, where = ''): void {
  if (input.name === '') throw missingField(`name${where}`);
  if (input.upstream === '') throw missingField(`upstream${where}`);
}
