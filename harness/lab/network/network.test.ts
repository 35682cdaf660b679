import { expect, test } from 'vitest';

import { labTest } from '../../../test/namespaces.ts';
import { inNamespace } from './namespace.ts';
import { Network } from './network.ts';
import { runTool } from '../system-tool.ts';

labTest('each cable is cut and put back on its own, and nothing is left of it', async () => {
  const script = 'harness/lab/fixtures/cables.mjs';
  const seen = JSON.parse(await runTool(inNamespace([process.execPath, script]))) as Record<string, unknown>;
  expect(seen).toMatchObject({
    hosts: {
      upstream: 'connected from 10.199.2.2',
      upstream6: 'connected from fd00:199:2::2',
      cut: 'ENETUNREACH',
      otherCable: 'connected from 10.199.1.2',
      putBack: 'connected from 10.199.2.2',
      putBack6: 'connected from fd00:199:2::2',
      noSysctl: true,
    },
    again: 'connected from 10.199.2.2',
    routed: {
      upstream: 'connected from 10.199.2.2',
      // the router has no route any more, or nobody answers it
      cutAt_router: 'ENETUNREACH',
      putBackAt_router: 'connected from 10.199.2.2',
      cutAt_harness: 'EHOSTUNREACH',
      putBackAt_harness: 'connected from 10.199.2.2',
    },
    leftover: expect.stringContaining('+ 1: lo    inet 203.0.113.9/32') as string,
    leftByTarget: { isThere: true, said: 'nothing' },
    powers: { uid: process.getuid?.(), none: [0, 0, 0, 0, 0], admin: 2 ** 12 },
  });
  const { sysctl } = seen['hosts'] as { sysctl: string[] };
  expect(sysctl[1]).toBe('3');
  expect(sysctl[2]).toBe(sysctl[0]);
});

test("the machine's own network is never changed", async () => {
  const network = await Network.lay('none');
  await expect(network.run('ip', ['link', 'show'])).rejects.toMatchObject({ code: 'LASTFIN_LAB' });
  await expect(network.setSysctl('net.ipv4.tcp_retries2', 3)).rejects.toMatchObject({ code: 'LASTFIN_LAB' });
  expect(network.startTarget(['net_admin'])).toEqual([]);
  await network.close();
});
