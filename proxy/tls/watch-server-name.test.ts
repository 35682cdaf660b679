import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createCertificate } from '../testing/certificate.ts';
import { startProxy } from '../testing/proxy-under-test.ts';

const CLIENT = 'proxy/testing/renegotiate.py';
const canRun = process.env['LASTFIN_REQUIRE_ALL'] === '1' || spawnSync('python3', [CLIENT]).status === 0;
if (!canRun) console.log('skipped: renegotiation with another name needs python3 and libssl.so.3');

test.skipIf(!canRun).each([
  ['b.lastfin.test', { incoming: 'sni_mismatch', outgoing: 'sni_mismatch' }],
  ['a.lastfin.test', { outgoing: 'closed_incoming' }],
])('a client of a.lastfin.test that renegotiates for %s', async (second, expected) => {
  const at = { host: '127.0.0.1', port: 1 };
  const route = { name: 'r', mode: 'tls-terminate', hosts: ['*'], upstreams: [at] } as const;
  const routes = [{ ...route, ...(await createCertificate()) }];
  const target = await startProxy(0, {
    grace: 100,
    listeners: [{ name: 'l', listen: { ...at, port: 0 }, routes }],
  });
  const { stdout } = await promisify(execFile)('python3', [
    CLIENT,
    String(target.port),
    'a.lastfin.test',
    second,
  ]);
  expect(stdout).toMatch(/^1 /);
  expect(await target.ends(1)).toMatchObject([expected]);
  await target.finish();
});
