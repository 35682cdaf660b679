import { expect, test } from 'vitest';
import { kernelRouteProblem } from './kernel-route.ts';
import { addressOfTable, tableName } from './table-name.ts';

const to = (...hosts: string[]) => ({ upstreams: hosts.map((host) => ({ host, port: 5000 })) });

test.each([
  ['192.0.2.1', '192.0.2.130'],
  ['0.0.0.0', '192.0.2.130'],
  ['127.0.0.1', '127.0.0.2'],
  ['::1', '::1'],
  ['::', '2001:db8::1'],
])('%s to %s: the kernel can', (host, upstream) => {
  expect(kernelRouteProblem(host, to(upstream), false)).toBeUndefined();
});

test.each([
  ['127.0.0.1', to('127.0.0.2', '127.0.0.3'), 'exactly one upstream'],
  ['127.0.0.1', to('upstream.test'), '`upstream.test` must be a plain IP address'],
  ['localhost', to('127.0.0.1'), '`localhost` must be a plain IP address'],
  ['fe80::1%eth0', to('2001:db8::1'), 'must be a plain IP address'],
  ['::', to('192.0.2.130'), 'of one family'],
  ['127.0.0.1', to('192.0.2.130'), 'must both be loopback, or neither'],
  ['0.0.0.0', to('127.0.0.1'), 'must both be loopback, or neither'],
  ['127.0.0.1', { ...to('127.0.0.1'), sendProxyProtocol: 'v2' }, 'cannot read or write PROXY headers'],
] as const)('%s to %j: why not', (host, route, why) => {
  expect(kernelRouteProblem(host, route, false)).toContain(why);
});

test('behind a proxy that sends PROXY headers: why not', () => {
  expect(kernelRouteProblem('127.0.0.1', to('127.0.0.1'), true)).toContain(
    'cannot read or write PROXY headers',
  );
});

test.each([
  { host: '127.0.0.1', port: 9000 },
  { host: '2001:db8::1', port: 80 },
  { host: '::', port: 65_535 },
])('a table is named after its address, %j, and the other way round', (address) => {
  expect(tableName(address)).toMatch(/^[a-z][\w.-]*$/);
  expect(addressOfTable(tableName(address))).toEqual(address);
});

test.each(['filter', 'lastfin_proxy_', 'lastfin_proxy_x_1'])('%s is not ours', (name) => {
  expect(addressOfTable(name)).toBeUndefined();
});
