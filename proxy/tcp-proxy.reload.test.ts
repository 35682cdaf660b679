import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ListenerSettings } from './settings.ts';
import { createCertificate } from './testing/certificate.ts';
import { openClient, received, startUpstream } from './testing/peers.ts';
import type { TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;
let other: TestUpstream;
let target: ProxyUnderTest;

beforeEach(async () => {
  [upstream, other] = await Promise.all([startUpstream({ answer: true }), startUpstream({ answer: true })]);
});

afterEach(async () => {
  await target.finish();
  await Promise.all([upstream.stop(), other.stop()]);
});

const at = (port: number) => ({ host: '127.0.0.1', port });

const tcp = (name: string, to: TestUpstream): ListenerSettings => ({
  name,
  listen: at(0),
  routes: [{ name, mode: 'tcp', upstreams: [at(to.port)] }],
});

test('unchanged routes go on; connections of a changed or removed route end, new ones go by the new route', async () => {
  target = await startProxy(0, { listeners: [tcp('a', upstream), tcp('b', upstream), tcp('c', upstream)] });
  const ports = (await target.proxy.listen()).map(({ port }) => port);
  const open = async (index: number) => {
    const client = await openClient(ports[index]!);
    return { client, server: await upstream.next() };
  };
  const [a, b, c] = [await open(0), await open(1), await open(2)];
  await target.proxy.reload([tcp('a', upstream), tcp('b', other)]);
  await Promise.all([b.client.ended, c.client.ended]);
  b.client.socket.end();
  c.client.socket.end();
  expect(await target.ends(2)).toMatchObject([{ incoming: 'shutdown' }, { incoming: 'shutdown' }]);
  a.client.socket.write('still here');
  await received(a.server, 10);
  await expect(openClient(ports[2]!)).rejects.toThrow('ECONNREFUSED');
  const again = await openClient(ports[1]!);
  await other.next();
  again.socket.end();
  a.client.socket.end();
  expect((await target.ends(4)).slice(2)).toMatchObject([{ incoming: 'normal' }, { incoming: 'normal' }]);
});

test('where a new listener cannot listen, nothing has changed', async () => {
  target = await startProxy(0, { listeners: [tcp('a', upstream)] });
  const pair = await createCertificate();
  const secure: ListenerSettings = {
    name: 't',
    listen: at(upstream.port),
    routes: [{ name: 't', mode: 'tls-terminate', hosts: ['*'], upstreams: [at(other.port)], ...pair }],
  };
  await expect(target.proxy.reload([tcp('a', other), secure])).rejects.toMatchObject({
    code: 'LASTFIN_PORT_IN_USE',
  });
  const client = await openClient(target.port);
  await upstream.next();
  client.socket.end();
  expect(await target.ends(1)).toMatchObject([{ incoming: 'normal' }]);
});
