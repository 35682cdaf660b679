import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';

import { findRealToxiproxy } from '../harness/faults/toxiproxy-process.ts';
import { PACKAGE_ROOT } from '../shared/package-root.ts';
import { findProgram } from '../harness/lab/system-tool.ts';

/** Versions of Node.js that the suite itself does not run on. */
export const OTHER_NODES = [22, 24, 26] as const;

/** Program of a version of Node.js that `npm run setup` installs. */
export function nodeOf(major: (typeof OTHER_NODES)[number]): string {
  return path.join(PACKAGE_ROOT, `test/nodes/node_modules/node-${major}-${process.arch}/bin/node`);
}

/** Everything that some test needs beyond Node.js: whether it is here, and what cannot be tested without it. */
const OPTIONAL = {
  nft: { isHere: () => findProgram('nft') !== undefined, tests: 'faults by nftables, kernel forwarding' },
  conntrack: { isHere: () => findProgram('conntrack') !== undefined, tests: 'flows that the kernel ends' },
  python3: { isHere: () => runs('python3', '--version'), tests: 'targets in Python, TLS renegotiation' },
  go: { isHere: () => runs('go', 'version'), tests: 'targets in Go' },
  java: { isHere: () => runs('javac', '-version'), tests: 'targets in Java' },
  haproxy: { isHere: () => findProgram('haproxy') !== undefined, tests: 'HAProxy' },
  nginx: { isHere: () => findProgram('nginx') !== undefined, tests: 'nginx' },
  tcpdump: { isHere: () => findProgram('tcpdump') !== undefined, tests: 'captures of a case (--capture)' },
  socat: { isHere: () => findProgram('socat') !== undefined, tests: 'socat' },
  'the real Toxiproxy': {
    isHere: () => findRealToxiproxy() !== undefined,
    tests: 'the contract on the real server',
  },
  'published npm proxies': {
    isHere: () => existsSync(path.join(PACKAGE_ROOT, 'scenarios/targets/npm/node_modules')),
    tests: 'field issues of npm proxies',
  },
  "Go's reverse proxy": { isHere: () => isBuilt('go/built/reverse-proxy'), tests: 'Go gateways' },
  envoy: { isHere: () => isBuilt('envoy/built/envoy/_bin/envoy'), tests: 'Envoy' },
  'Node.js 22, 24 and 26': {
    isHere: () => OTHER_NODES.every((major) => existsSync(nodeOf(major))),
    tests: 'lastfin on other versions of Node.js',
  },
  chromium: { isHere: () => findChromium() !== undefined, tests: 'the page of the report, the live view' },
  IPv6: { isHere: hasIPv6, tests: 'IPv6 on the loopback of the machine' },
} as const satisfies Record<string, { isHere: () => boolean; tests: string }>;

/** Caddy takes minutes to build, and is tested where somebody has done so: `npm run setup -- caddy`. */
export const hasCaddy: boolean = isBuilt('caddy/built/caddy');

export type Optional = keyof typeof OPTIONAL;

/** The run must test everything: what is missing fails its tests. */
export const requireAll: boolean = process.env['LASTFIN_REQUIRE_ALL'] === '1';

/** Tells whether tests that need something run: it is here, or must be. */
export function has(name: Optional): boolean {
  return requireAll || OPTIONAL[name].isHere();
}

/** Things that are not here, each with what is not tested for want of it. */
export function missing(): string[] {
  return (Object.keys(OPTIONAL) as Optional[])
    .filter((name) => !OPTIONAL[name].isHere())
    .map((name) => `${name} (${OPTIONAL[name].tests})`);
}

/** Path of an installed Chromium; undefined where there is none. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return names.map(findProgram).find((found) => found !== undefined);
}

function isBuilt(file: string): boolean {
  return existsSync(path.join(PACKAGE_ROOT, 'scenarios/targets', file));
}

function runs(program: string, question: string): boolean {
  return spawnSync(program, [question], { stdio: 'ignore' }).status === 0;
}

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}
