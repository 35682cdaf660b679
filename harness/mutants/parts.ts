/** Parts of the reference proxy by the key `part` of a mutant file; docs/generated/proof.md has a heading for each. */
export const PARTS = {
  routes: 'Routes: SNI, termination, HTTP/1.1, WebSocket, wildcards, fail-over',
  bridge: 'Ends of the bridge; no byte lost, none twice',
  inactivity: 'Inactivity and keep-alive',
  clocks: 'Other clocks: connect, first bytes, handshake, half-open, lifetime, grace',
  limits: 'Limits and lists',
  'tls-names': 'TLS renegotiation, and the second ClientHello of TLS 1.3',
  'kernel-forwarding': 'Forwarded by the kernel',
  'proxy-protocol': 'PROXY protocol, and chains of proxies',
  errors: 'Errors, each for its reason',
  figures: 'Figures, metrics and logs',
  shutdown: 'Shutdown and reload',
  pool: 'Connections to HTTP upstreams',
  streams: 'Streams of HTTP/2 clients',
  'upstream-streams': 'Streams to HTTP/2 upstreams',
  config: 'Config file',
} as const;

export type Part = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as Part[];
