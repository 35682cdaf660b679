import { once } from 'node:events';
import { createSecureServer, createServer } from 'node:http2';
import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
  Settings,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Address } from '../../shared/address.ts';
import type { HttpCounts } from '../http/http-figures.ts';
import type { Limits } from '../limits/limits.ts';
import type { UpstreamTls } from '../settings.ts';
import { createCertificate } from './certificate.ts';
import { startProxy } from './proxy-under-test.ts';
import type { ProxyUnderTest } from './proxy-under-test.ts';

const PAIR = await createCertificate();
const TRUSTED: UpstreamTls = { ca: PAIR.certificate, serverName: 'a.lastfin.test' };

/** Proxy that terminates TLS, in front of an upstream that speaks HTTP/2. */
export type H2Pair = {
  target: ProxyUnderTest;
  /** heads of the requests that have come to the upstream */
  seen: IncomingHttpHeaders[];
  /** connections of the upstream, in the order of their accepts */
  sessions: ServerHttp2Session[];
  answer: (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => void;
  counts(): HttpCounts;
  finish(): Promise<void>;
};

type H2PairOptions = {
  settings?: Settings;
  tls?: boolean;
  /** another upstream in place of the pair's own */
  upstream?: Address;
  upstreamTls?: UpstreamTls;
};

export async function startH2Pair(
  limits: Partial<Limits> = {},
  { settings = {}, tls = false, upstream, upstreamTls = tls ? TRUSTED : undefined }: H2PairOptions = {},
): Promise<H2Pair> {
  const server: Http2Server | Http2SecureServer = tls
    ? createSecureServer({ settings, cert: PAIR.certificate, key: PAIR.key })
    : createServer({ settings });
  server.on('sessionError', () => {});
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => {});
    pair.sessions.push(session);
  });
  server.on('stream', (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    pair.seen.push(head);
    pair.answer(stream, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = upstream ?? { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const route = {
    mode: 'tls-terminate',
    name: 'web',
    hosts: ['*.lastfin.test'],
    upstreams: [at],
    upstreamProtocol: 'h2',
    ...(upstreamTls && { upstreamTls }),
    ...PAIR,
  } as const;
  const listeners = [{ name: 'l', listen: { host: '127.0.0.1', port: 0 }, routes: [route] }];
  const target = await startProxy(0, { grace: 100, ...limits, listeners });
  const pair: H2Pair = {
    target,
    seen: [],
    sessions: [],
    answer: (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    },
    counts: () => target.proxy.metrics().http,
    async finish() {
      await target.finish();
      for (const session of pair.sessions) session.destroy();
      server.close();
    },
  };
  return pair;
}
