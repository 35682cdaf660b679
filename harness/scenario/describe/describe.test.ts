import { expect, test } from 'vitest';
import { describeBytes } from './describe-bytes.ts';
import { describeFault, describeStep } from './describe.ts';
import { planOne } from '../testing/plan-text.ts';

test('every step', () => {
  const steps = planOne(`
about: x
client:
  [open, send: 1, send: 65536, flood, expect: 1MiB, expect: end, expect: reset, expect: closed, stall, resume,
   wait: { opened: 1 }, wait: { established: all }, wait: { half-closed: 2 }, wait: { records: 0 }, wait: { records: 3 },
   wait: { connecting: all }, wait: { connecting: 0 }, wait: { connecting: 1 },
   wait: faulted, advance: 90s, advance: 4h, half-close, close]
upstream: [flood]
`).client;
  expect([...steps, { kind: 'reset' } as const, { kind: 'abandon' } as const].map(describeStep))
    .toMatchInlineSnapshot(`
      [
        "open",
        "send 1 byte",
        "send 64 KiB",
        "send until the other side takes no more",
        "expect 1 MiB",
        "expect the peer's FIN",
        "expect the peer's RST",
        "expect FIN or RST",
        "stop reading",
        "read again",
        "wait until 1 connection is opened",
        "wait until all connections are established",
        "wait until 2 connections are half-closed",
        "wait until the target has no record left",
        "wait until the target has 3 records",
        "wait until the connects of all connections are pending",
        "wait until no connect is pending",
        "wait until 1 connect is pending",
        "wait until every fault is applied",
        "let 1.5 min pass in the target",
        "let 4 h pass in the target",
        "half-close (FIN, go on reading)",
        "close (FIN, wait for the peer's)",
        "reset (RST)",
        "abandon (close at once)",
      ]
    `);
});

test('every fault, with its moment', () => {
  const { faults } = planOne(`
about: x
client: [open, flood]
faults:
  - { fault: refused }
  - { fault: blackhole, when: connect }
  - { fault: reset, side: upstream, when: { established: all } }
  - { fault: close, side: client, when: { bytes: 1MiB } }
  - { fault: half-close, side: client, when: { half-closed: 1 } }
  - { fault: abandon, side: client, when: { opened: 3 } }
  - { fault: stall, side: upstream, when: { records: all } }
  - { fault: stall, side: upstream, when: { established: 2 } }
  - { fault: stall, side: client, when: { connecting: 5 } }
  - { fault: toxic, type: latency, side: upstream, direction: to-client, attributes: { latency: 100, jitter: 10 } }
  - { fault: toxic, type: timeout, side: client, direction: to-upstream, toxicity: 0.5 }
  - { fault: down, side: upstream }
  - { fault: shutdown, when: { opened: all } }
`);
  expect(faults.map(describeFault)).toMatchInlineSnapshot(`
    [
      "upstream refuses connections, before connecting",
      "upstream host does not answer, before connecting",
      "upstream resets, once all connections are established",
      "client closes, after 1 MiB",
      "client half-closes, once 1 connection is half-closed",
      "client abandons, once 3 connections are opened",
      "upstream stops reading, once the target has a record of every connection",
      "upstream stops reading, once 2 connections are established",
      "client stops reading, once 5 connects are pending",
      "toxic latency latency=100 jitter=10 on the upstream link to the client, before connecting",
      "toxic timeout on the client link to the upstream on 50% of connections, before connecting",
      "upstream link goes down, before connecting",
      "target is told to stop, once all connections are opened",
    ]
  `);
});

test('bytes in whole units only', () => {
  expect([0, 1, 64, 1024, 1025, 1048576].map(describeBytes)).toEqual([
    '0 bytes',
    '1 byte',
    '64 bytes',
    '1 KiB',
    '1025 bytes',
    '1 MiB',
  ]);
});
