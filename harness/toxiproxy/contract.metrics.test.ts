import { expect, test, vi } from 'vitest';
import { contract } from './testing/subjects.ts';

contract(
  'metrics',
  (bench) => {
    test('bytes by proxy and direction, once the links have ended; any method', async () => {
      const { pair, name, listen, upstream } = await bench.proxy();
      const { client, server } = await pair();
      client.write('12345');
      await server.received(5);
      server.socket.end('123');
      await client.ended;
      const labels = (direction: string): string =>
        `{direction="${direction}",listener="${listen}",proxy="${name}",upstream="${upstream.address}"}`;
      await vi.waitFor(async () => {
        const { headers, text } = await bench.api('POST', '/metrics');
        expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8/);
        const lines = text.split('\n');
        expect(lines).toContain(`toxiproxy_proxy_received_bytes_total${labels('upstream')} 5`);
        expect(lines).toContain(`toxiproxy_proxy_received_bytes_total${labels('downstream')} 3`);
        expect(lines).toContain(`toxiproxy_proxy_sent_bytes_total${labels('upstream')} 5`);
        expect(lines).toContain(`toxiproxy_proxy_sent_bytes_total${labels('downstream')} 3`);
      });
    });
  },
  { proxyMetrics: true },
);
