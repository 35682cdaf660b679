import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCertificate } from '../testing/certificate.ts';
import type { RouteSettings } from '../settings.ts';
import { readCertificates } from './read-certificates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lastfin-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pair = await createCertificate();
const files = {
  'www.pem': pair.certificate,
  'www.key': pair.key,
  'bad.pem': '-----BEGIN CERTIFICATE-----\nxyz\n',
};
for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);

function read(more: object): ReturnType<typeof readCertificates> {
  const plain: RouteSettings = {
    mode: 'tls-terminate',
    name: 'r',
    hosts: ['*'],
    upstreams: [],
    certificate: 'www.pem',
    key: 'www.key',
  };
  const routes = [{ ...plain, ...more }];
  return readCertificates([{ name: 'l', listen: { host: '::1', port: 1 }, routes }], folder);
}

test('all files of a route become their texts', () => {
  const upstreamTls = { ca: 'www.pem', serverName: 'a.test', certificate: 'www.pem', key: 'www.key' };
  const { listeners, issues } = read({ clientCa: 'www.pem', upstreamTls });
  expect(issues).toEqual([]);
  const { certificate, key } = pair;
  expect(listeners[0]?.routes[0]).toMatchObject({
    certificate,
    key,
    clientCa: certificate,
    upstreamTls: { ca: certificate, serverName: 'a.test', certificate, key },
  });
});

test.each([
  [{ clientCa: 'gone.pem' }, 'clientCa', 'cannot be read'],
  [{ clientCa: 'bad.pem' }, 'clientCa', 'is no good PEM'],
  [{ upstreamTls: { ca: 'gone.pem' } }, 'upstreamTls.ca', 'cannot be read'],
  [{ upstreamTls: { ca: 'bad.pem' } }, 'upstreamTls.ca', 'is no good PEM'],
  [{ upstreamTls: { certificate: 'www.pem' } }, 'upstreamTls', 'needs `certificate` and `key`'],
  [{ upstreamTls: { certificate: 'www.pem', key: 'bad.pem' } }, 'upstreamTls.certificate', 'is no good PEM'],
])('%j is refused at its place', (more, place, why) => {
  const { issues } = read(more);
  expect(issues).toHaveLength(1);
  expect(issues[0]?.path.slice(4).join('.')).toBe(place);
  expect(issues[0]?.message).toContain(why);
});
