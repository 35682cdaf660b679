import { type Proxy as LinkProxy, type Toxic, Toxiproxy } from 'toxiproxy-node-client';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { within } from '../../shared/within.ts';
import type { Direction, Side } from '../scenario/trigger.ts';
import type { Fault } from '../scenario/fault.ts';

/** Time limit of a call, ms: the client has no timeout, and a healthy server answers in milliseconds. */
const CALL_DEADLINE = 10_000;

type ToxicFault = Extract<Fault, { kind: 'toxic' }>;

/**
 * Client of a Toxiproxy server; the only file that knows `toxiproxy-node-client` and Toxiproxy's terms: `to-upstream` is its stream
 * `upstream`, `to-client` its `downstream`.
 *
 * Handles quirks: a trailing slash in the address makes calls silently do nothing; names are not URL-encoded; errors lack the
 * route and the server's message; the version is raw JSON text.
 */
export class Toxiproxies {
  readonly url: string;
  readonly #api: Toxiproxy;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
    this.#api = new Toxiproxy(this.url);
  }

  /** Version of the server, such as `2.12.0`. */
  async version(): Promise<string> {
    const text = await call('GET /version', this.#api.getVersion());
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'version' in answer) return String(answer.version);
    throw new LastfinError('LASTFIN_TOXIPROXY', `${this.url} does not answer as a Toxiproxy`, {
      facts: { answer },
    });
  }

  /** Creates a link: a Toxiproxy proxy that listens on `listen` and forwards to `upstream` (`host:port`). */
  async link(name: string, listen: string, upstream: string): Promise<Link> {
    const safe = name.replace(/[^\w.-]+/g, '_');
    const made = await call(
      `POST /proxies ${safe}`,
      this.#api.createProxy({ name: safe, listen, upstream, enabled: true }),
    );
    return new Link(made);
  }
}

/** Link of a case. */
export class Link {
  #proxy: LinkProxy;
  #named = 0;

  constructor(proxy: LinkProxy) {
    this.#proxy = proxy;
  }

  /** Installs a toxic; the returned function removes it. */
  async addToxic(fault: ToxicFault): Promise<() => Promise<void>> {
    const name = `${fault.type}-${++this.#named}`;
    const toxic: Toxic<Record<string, number>> = await call(
      `POST /proxies/${this.#proxy.name}/toxics ${name}`,
      this.#proxy.addToxic({
        name,
        type: fault.type,
        stream: STREAM[fault.direction],
        toxicity: fault.toxicity,
        attributes: fault.attributes,
      }),
    );
    return async () => {
      await call(`DELETE /proxies/${this.#proxy.name}/toxics/${name}`, toxic.remove());
    };
  }

  /** Enables or disables the link; disabling closes live connections and refuses new ones. */
  async enable(enabled: boolean): Promise<void> {
    const { name, listen, upstream } = this.#proxy;
    this.#proxy = await call(`POST /proxies/${name}`, this.#proxy.update({ enabled, listen, upstream }));
  }

  async remove(): Promise<void> {
    await call(`DELETE /proxies/${this.#proxy.name}`, this.#proxy.remove());
  }
}

/** Links of a case, by side. */
export type Links = Partial<Record<Side, Link>>;

const STREAM: Record<Direction, 'upstream' | 'downstream'> = {
  'to-upstream': 'upstream',
  'to-client': 'downstream',
};

async function call<T>(route: string, answer: Promise<T>): Promise<T> {
  try {
    return await within(CALL_DEADLINE, route, answer);
  } catch (cause) {
    throw new LastfinError('LASTFIN_TOXIPROXY', `Toxiproxy: ${route}: ${inWords(cause)}`, {
      facts: { route },
      cause,
    });
  }
}

/** Reason of a failed call: `fetch` hides why it could not connect behind "fetch failed". */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
