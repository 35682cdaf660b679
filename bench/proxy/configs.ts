import { accessSync } from 'node:fs';

import type { UpstreamPorts } from './upstream.ts';

/** The ports of a proxy under measurement: four plain ones, each to the upstream of its name, and TLS to the `http` one. */
export type Listeners = Record<'echo' | 'source' | 'sink' | 'http' | 'tls', number>;

const PLAIN = ['echo', 'source', 'sink', 'http'] as const;

/** More than the bench ever opens. */
const CONNECTIONS = 9900;

/** The reference proxy with its defaults: all limits on, and a log line for every connection. */
export function lastfinConfig(listeners: Listeners, { host, ...to }: UpstreamPorts, pem: string): string {
  const route = (name: (typeof PLAIN)[number]): string =>
    `  - { name: ${name}, listen: '127.0.0.1:${listeners[name]}', routes: [{ mode: tcp, upstreams: ['${host}:${to[name]}'] }] }`;
  return [
    'listeners:',
    ...PLAIN.map(route),
    `  - listen: '127.0.0.1:${listeners.tls}'`,
    `    routes: [{ name: tls, mode: tls-terminate, hosts: ['*'], certificate: ${pem}, key: ${pem}, upstreams: ['${host}:${to.http}'] }]`,
    '',
  ].join('\n');
}

/** Config with one worker, as the others have one thread; modules of the distribution's package are loaded. */
export function nginxConfig(
  listeners: Listeners,
  { host, ...to }: UpstreamPorts,
  pem: string,
  pidFile: string,
): string {
  const stream = '/usr/lib/nginx/modules/ngx_stream_module.so';
  const plain = (name: (typeof PLAIN)[number]): string =>
    `  server { listen 127.0.0.1:${listeners[name]} backlog=4096; proxy_pass ${host}:${to[name]}; }`;
  return [
    ...(exists(stream) ? [`load_module ${stream};`] : []),
    'daemon off; master_process off; worker_processes 1;',
    `pid ${pidFile}; error_log stderr crit;`,
    `events { worker_connections ${2 * CONNECTIONS}; multi_accept on; }`,
    'stream {',
    '  tcp_nodelay on; access_log off;',
    ...PLAIN.map(plain),
    '}',
    'http {',
    '  access_log off; keepalive_requests 10000000;',
    `  upstream web { server ${host}:${to.http}; keepalive 64; }`,
    `  server { listen 127.0.0.1:${listeners.tls} ssl http2 backlog=4096; http2_max_requests 10000000; ssl_certificate ${pem}; ssl_certificate_key ${pem};`,
    '    location / { proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; } }',
    '}',
    '',
  ].join('\n');
}

export function haproxyConfig(listeners: Listeners, { host, ...to }: UpstreamPorts, pem: string): string {
  const plain = (name: (typeof PLAIN)[number]): string[] => [
    `listen ${name}`,
    '  mode tcp',
    `  bind 127.0.0.1:${listeners[name]} backlog 4096`,
    `  server upstream ${host}:${to[name]}`,
  ];
  return [
    'global',
    `  nbthread 1`,
    `  maxconn ${CONNECTIONS}`,
    'defaults',
    '  timeout connect 10s',
    '  timeout client 10m',
    '  timeout server 10m',
    ...PLAIN.flatMap(plain),
    'listen tls',
    '  mode http',
    `  bind 127.0.0.1:${listeners.tls} ssl crt ${pem} alpn h2,http/1.1`,
    `  server upstream ${host}:${to.http}`,
    '',
  ].join('\n');
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    // built in, or not there: nginx says so itself
    return false;
  }
}
