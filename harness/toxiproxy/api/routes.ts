import { ApiError, toxicNotFound } from '../api-error.ts';
import type { Printable } from '../json/print.ts';
import { runtimeMetrics, type ProxyMetrics } from '../server/metrics.ts';
import { requireFields, type Proxies } from '../server/proxies.ts';
import type { Proxy } from '../server/proxy.ts';
import { json, noContent, type Answer } from './answer.ts';
import { decodeNewProxy, decodePopulate, decodeProxyChange } from './decode-proxy.ts';
import { decodeNewAttributes, decodeNewToxic, decodeToxicChange } from './decode-toxic.ts';
import { scan } from './decode.ts';
import { encodeProxy, encodeToxic } from './encode.ts';

/** The version of the real server whose behaviour this is. */
export const TOXIPROXY_VERSION = '2.12.0';

export type Call = {
  readonly proxy: string;
  readonly toxic: string;
  /** The body, once it is asked for. */
  readonly body: () => Promise<Buffer>;
};

export type Route = {
  readonly methods: readonly string[] | 'any';
  /** Parts between slashes; `{proxy}` and `{toxic}` match any part. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Answer> | Answer;
};

export type ApiState = {
  readonly proxies: Proxies;
  readonly proxyMetrics: ProxyMetrics | undefined;
  readonly runtimeMetrics: boolean;
  /** Whether bodies may ask for more than the real server knows. */
  readonly extensions: boolean;
};

/** The API, a line a route. */
export function routes(state: ApiState): Route[] {
  const { proxies } = state;
  const toxics = '/proxies/{proxy}/toxics';
  const list: Route[] = [
    { methods: ['POST'], path: '/reset', handle: async () => reset(proxies) },
    { methods: ['GET'], path: '/proxies', handle: () => index(proxies) },
    { methods: ['POST'], path: '/proxies', handle: async (call) => createProxy(state, call) },
    { methods: ['POST'], path: '/populate', handle: async (call) => populate(state, await call.body()) },
    {
      methods: ['GET'],
      path: '/proxies/{proxy}',
      handle: ({ proxy }) => json(200, encodeProxy(proxies.get(proxy))),
    },
    {
      methods: ['POST', 'PATCH'],
      path: '/proxies/{proxy}',
      handle: async (call) => updateProxy(proxies, call),
    },
    {
      methods: ['DELETE'],
      path: '/proxies/{proxy}',
      handle: async ({ proxy }) => removeProxy(proxies, proxy),
    },
    {
      methods: ['GET'],
      path: toxics,
      handle: ({ proxy }) => json(200, proxies.get(proxy).toxics.all().map(encodeToxic)),
    },
    { methods: ['POST'], path: toxics, handle: async (call) => createToxic(state, call) },
    { methods: ['GET'], path: `${toxics}/{toxic}`, handle: (call) => showToxic(proxies, call) },
    {
      methods: ['POST', 'PATCH'],
      path: `${toxics}/{toxic}`,
      handle: async (call) => updateToxic(proxies, call),
    },
    { methods: ['DELETE'], path: `${toxics}/{toxic}`, handle: async (call) => removeToxic(proxies, call) },
    { methods: ['GET'], path: '/version', handle: version },
  ];
  if (state.proxyMetrics !== undefined || state.runtimeMetrics) {
    list.push({ methods: 'any', path: '/metrics', handle: () => metrics(state) });
  }
  return list;
}

async function reset(proxies: Proxies): Promise<Answer> {
  await proxies.reset();
  return noContent;
}

function index(proxies: Proxies): Answer {
  return json(200, new Map(proxies.all().map((proxy) => [proxy.name, encodeProxy(proxy)])));
}

async function createProxy({ proxies, extensions }: ApiState, call: Call): Promise<Answer> {
  const input = decodeNewProxy(scan(await call.body()), extensions);
  requireFields(input);
  return json(201, encodeProxy(await proxies.create(input)));
}

async function updateProxy(proxies: Proxies, call: Call): Promise<Answer> {
  proxies.get(call.proxy);
  const body = await call.body();
  return proxies.change(call.proxy, async (proxy) => {
    await proxy.update(decodeProxyChange(scan(body), proxy));
    return json(200, encodeProxy(proxy));
  });
}

async function removeProxy(proxies: Proxies, name: string): Promise<Answer> {
  await proxies.remove(name);
  return noContent;
}

/** Adds or replaces proxies, for `POST /populate` and for the configuration file. Proxies before the first that fails stay. */
export async function populate({ proxies, extensions }: ApiState, body: Buffer): Promise<Answer> {
  const done: Proxy[] = [];
  let failed: ApiError | undefined;
  try {
    const inputs = decodePopulate(scan(body), extensions);
    for (const [at, input] of inputs.entries()) requireFields(input, ` at proxy ${at + 1}`);
    for (const input of inputs) done.push(await proxies.createOrReplace(input));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failed = error;
  }
  const list: Printable = done.length === 0 ? null : done.map(encodeProxy);
  if (failed === undefined) return json(201, { proxies: list });
  return json(failed.status, { error: failed.message, status: failed.status, proxies: list });
}

async function createToxic({ proxies, extensions }: ApiState, call: Call): Promise<Answer> {
  proxies.get(call.proxy);
  const value = scan(await call.body());
  return proxies.change(call.proxy, async (proxy) => {
    const toxic = decodeNewToxic(value, extensions);
    proxy.requireFree(toxic.name);
    decodeNewAttributes(value, toxic);
    await proxy.addToxic(toxic);
    return json(200, encodeToxic(toxic));
  });
}

function showToxic(proxies: Proxies, call: Call): Answer {
  const toxic = proxies.get(call.proxy).toxics.find(call.toxic);
  if (toxic === undefined) throw toxicNotFound();
  return json(200, encodeToxic(toxic));
}

async function updateToxic(proxies: Proxies, call: Call): Promise<Answer> {
  if (proxies.get(call.proxy).toxics.find(call.toxic) === undefined) throw toxicNotFound();
  const body = await call.body();
  return proxies.change(call.proxy, async (proxy) =>
    json(
      200,
      encodeToxic(await proxy.updateToxic(call.toxic, (toxic) => decodeToxicChange(scan(body), toxic))),
    ),
  );
}

async function removeToxic(proxies: Proxies, call: Call): Promise<Answer> {
  await proxies.change(call.proxy, async (proxy) => proxy.removeToxic(call.toxic));
  return noContent;
}

function version(): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json;charset=utf-8' },
    body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
  };
}

function metrics(state: ApiState): Answer {
  const body = (state.runtimeMetrics ? runtimeMetrics() : '') + (state.proxyMetrics?.text() ?? '');
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' },
    body,
  };
}
