import { expect, test } from 'vitest';
import { AdminServer } from './admin-server.ts';
import { openClient, received, startUpstream } from '../testing/peers.ts';
import { startProxy } from '../testing/proxy-under-test.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

test('the figures of a scrape agree with the proxy, while a connection is open and after it', async () => {
  const upstream = await startUpstream({ answer: true });
  const target = await startProxy(upstream.port);
  const admin = new AdminServer(target.proxy, SILENT);
  const { port } = await admin.listen({ host: '127.0.0.1', port: 0 });
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const client = await openClient(target.port);
  client.socket.write('hello');
  await received(await upstream.next(), 5);
  const open = await scrape();
  expect(open).toContain('lastfin_active_connections 1\n');
  expect(open).toContain('lastfin_accepted_total 1\n');
  expect(open).toContain('lastfin_route_bytes_total{route="tcp",direction="in"} 5\n');
  client.socket.end();
  await target.ends(1);
  const ended = await scrape();
  expect(ended).toContain('lastfin_active_connections 0\n');
  expect(ended).toContain('lastfin_terminations_total{side="incoming",reason="normal"} 1\n');
  expect(ended).toContain('lastfin_terminations_total{side="outgoing",reason="closed_incoming"} 1\n');
  expect(ended).toContain('lastfin_route_bytes_total{route="tcp",direction="in"} 5\n');
  expect(await scrape()).toBe(ended);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  admin.close();
  await target.finish();
  await upstream.stop();
});
