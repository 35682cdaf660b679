import { Counter, Gauge, Registry } from '../../shared/vendor/prom-client.ts';
import type { HttpCounts } from '../http/http-figures.ts';
import type { ProxyStatistics } from '../connection/termination-statistics.ts';
import type { ProxyMetrics } from '../tcp-proxy.ts';

/** Source of the figures read at each scrape; a `TcpProxy` is one. */
export type Measured = {
  statistics(): ProxyStatistics;
  metrics(): ProxyMetrics;
  /** called before each scrape, to bring the figures up to date */
  refreshMetrics(): Promise<void>;
};

/** Creates the registry of a proxy's figures. Nothing is kept between scrapes: each reads the proxy. */
export function createRegistry(proxy: Measured): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('lastfin_active_connections', 'Client connections.', () => proxy.metrics().activeConnections);
  gauge('lastfin_active_outgoing', 'Sockets to upstreams.', () => proxy.statistics().activeOutgoing);
  gauge(
    'lastfin_bridged_connections',
    'Connections bridged to the inner proxy.',
    () => proxy.metrics().portProxyConnections,
  );
  gauge(
    'lastfin_tls_terminated_connections',
    'Bridged connections whose TLS handshake is done.',
    () => proxy.metrics().tlsTerminatedConnections,
  );
  gauge(
    'lastfin_http_upstreams',
    'Connections to upstreams that are open for an HTTP request.',
    () => proxy.metrics().http.upstreams,
  );
  gauge(
    'lastfin_http_idle_upstreams',
    'Connections to HTTP upstreams that wait for their next request.',
    () => proxy.metrics().http.idleUpstreams,
  );
  gauge('lastfin_http2_sessions', 'HTTP/2 connections of clients.', () => proxy.metrics().http.sessions);
  gauge('lastfin_http2_streams', 'Open streams of HTTP/2 clients.', () => proxy.metrics().http.streams);
  gauge(
    'lastfin_http2_upstream_streams',
    'Open streams to HTTP/2 upstreams.',
    () => proxy.metrics().http.upstreamStreams,
  );
  addCounters(proxy, registers);
  addHttpCounters(proxy, registers);
  return registry;
}

function addCounters(proxy: Measured, registers: Registry[]): void {
  counter('lastfin_accepted_total', 'Client connections accepted.', [], registers, (add) =>
    add({}, proxy.statistics().accepted),
  );
  counter('lastfin_outgoing_created_total', 'Sockets to upstreams created.', [], registers, (add) =>
    add({}, proxy.statistics().outgoingCreated),
  );
  counter(
    'lastfin_accept_errors_total',
    'Connections not taken for want of descriptors.',
    [],
    registers,
    (add) => add({}, proxy.metrics().acceptErrors),
  );
  counter('lastfin_terminations_total', 'Sides that ended.', ['side', 'reason'], registers, (add) => {
    const { terminations } = proxy.statistics();
    for (const side of ['incoming', 'outgoing'] as const) {
      for (const [reason, count] of Object.entries(terminations[side])) add({ side, reason }, count);
    }
  });
  counter('lastfin_route_connections_total', 'Connections forwarded.', ['route'], registers, (add) => {
    for (const [route, { connections }] of proxy.metrics().routes) add({ route }, connections);
  });
  counter('lastfin_route_bytes_total', 'Client bytes.', ['route', 'direction'], registers, (add) => {
    for (const [route, { bytesIn, bytesOut }] of proxy.metrics().routes) {
      add({ route, direction: 'in' }, bytesIn);
      add({ route, direction: 'out' }, bytesOut);
    }
  });
}

function addHttpCounters(proxy: Measured, registers: Registry[]): void {
  const http = (): HttpCounts => proxy.metrics().http;
  const by = (
    label: string,
    name: string,
    help: string,
    read: () => Readonly<Partial<Record<string, number>>>,
  ): void => {
    counter(name, help, [label], registers, (add) => {
      for (const [value, count = 0] of Object.entries(read())) add({ [label]: value }, count);
    });
  };
  by('fault', 'lastfin_http_faults_total', 'HTTP messages not passed on.', () => http().faults);
  counter('lastfin_http_upstreams_created_total', 'Connections to HTTP upstreams.', [], registers, (add) =>
    add({}, http().upstreamsCreated),
  );
  by(
    'reason',
    'lastfin_http_upstream_ends_total',
    'Connections to HTTP upstreams that ended.',
    () => http().upstreamEnds,
  );
  counter('lastfin_http2_streams_opened_total', 'Streams of HTTP/2 clients.', [], registers, (add) =>
    add({}, http().streamsOpened),
  );
  by(
    'reason',
    'lastfin_http2_stream_ends_total',
    'Streams of HTTP/2 clients that ended.',
    () => http().streamEnds,
  );
  counter(
    'lastfin_http2_upstream_streams_opened_total',
    'Streams to HTTP/2 upstreams.',
    [],
    registers,
    (add) => add({}, http().upstreamStreamsOpened),
  );
  by(
    'reason',
    'lastfin_http2_upstream_stream_ends_total',
    'Streams to HTTP/2 upstreams that ended.',
    () => http().upstreamStreamEnds,
  );
}

type Add = (labels: Record<string, string>, value: number) => void;

function counter(
  name: string,
  help: string,
  labelNames: string[],
  registers: Registry[],
  read: (add: Add) => void,
): Counter {
  return new Counter({
    name,
    help,
    labelNames,
    registers,
    collect() {
      this.reset();
      read((labels, value) => this.inc(labels, value));
    },
  });
}
