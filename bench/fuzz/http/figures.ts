const FIGURES = [
  'active_connections',
  'http_upstreams',
  'http_idle_upstreams',
  'http2_sessions',
  'http2_streams',
  'http2_upstream_streams',
] as const;
/** Things that are opened once and end once: their count, that of their ends, and what is open. */
const BALANCES = [
  ['http_upstreams_created_total', 'http_upstream_ends_total', ['http_upstreams', 'http_idle_upstreams']],
  ['http2_streams_opened_total', 'http2_stream_ends_total', ['http2_streams']],
  ['http2_upstream_streams_opened_total', 'http2_upstream_stream_ends_total', ['http2_upstream_streams']],
] as const;

/** Figures of what is open; `unaccounted`: what was opened, and neither is open nor has ended. */
export type Figures = Record<(typeof FIGURES)[number] | 'unaccounted', number>;

/** Reads the figures of a proxy in a text of Prometheus. */
export function readFigures(text: string): Figures {
  const sum = (name: string): number => {
    const lines = text.matchAll(new RegExp(`^lastfin_${name}(?:\\{.*\\})? (\\d+)$`, 'gm'));
    return [...lines].reduce((all, [, count]) => all + Number(count), 0);
  };
  const open = Object.fromEntries(FIGURES.map((name) => [name, sum(name)])) as Record<
    (typeof FIGURES)[number],
    number
  >;
  let unaccounted = 0;
  for (const [opened, ends, parts] of BALANCES) {
    const present = parts.reduce((all, name) => all + open[name], 0);
    unaccounted += Math.abs(sum(opened) - sum(ends) - present);
  }
  return { ...open, unaccounted };
}
