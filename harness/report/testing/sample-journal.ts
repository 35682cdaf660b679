import type { Suspect } from '../../probe/protocol.ts';
import type { Entry } from '../../journal/entry.ts';

/** For tests: a journal with an entry of every type. */
export function aJournal(): Entry[] {
  const position = { file: 'src/tunnel.ts', line: 41, column: 9 };
  const sample = {
    gauges: { records: 0 },
    counters: { accepted: 1 },
    terminations: { incoming: { normal: 1 }, outgoing: {} },
    resources: {},
    fds: {},
    heapUsed: 1,
  };
  const suspect: Suspect = {
    resource: 'collection',
    fingerprint: 'collection:registry.ts:7',
    count: 2,
    rule: 'growth',
    where: [position],
    sample: 'a Map',
    path: '(global) → records',
    alsoRetains: 3,
  };
  return [
    {
      t: 0,
      type: 'case',
      journal: 2,
      case: {
        id: 'faults/x[count=1]',
        scenario: 'faults/x',
        cell: { count: '1' },
        about: 'x',
        source: { file: 'scenarios/faults/x.yaml', line: 1, column: 1 },
        kind: 'universal',
        ownTarget: false,
        target: 'proxy',
        route: 'tcp',
        family: 'ipv4',
        addresses: [],
        settings: {},
        connections: { count: 1, concurrent: 1 },
        client: [{ kind: 'open' }, { kind: 'send', bytes: 10 }, { kind: 'close' }],
        upstream: [{ kind: 'expect', bytes: 10 }],
        faults: [{ kind: 'reset', side: 'client', when: { at: 'established', count: 'all' } }],
        expect: {
          drain: 2000,
          incoming: { normal: { min: 'all', max: 'all' } },
          client: { end: { min: 0, max: 1 } },
          delivered: { toUpstream: 10 },
        },
        deadline: 5000,
        seed: 1,
      },
      lastfin: '0.1.0',
      node: 'v20.20.2',
      platform: 'linux',
      publishes: { records: true, terminations: true, ends: true },
    },
    { t: 0.1, type: 'phase', phase: 'warm-up', round: 0 },
    { t: 1, type: 'sample', at: 'baseline', round: 0, sample },
    {
      t: 2,
      type: 'fault',
      action: 'applied',
      fault: { kind: 'reset', side: 'client', when: { at: 'connect' } },
      fidelity: 'wire',
    },
    {
      t: 3,
      type: 'connection',
      actor: 'client',
      round: 1,
      connection: 0,
      seen: 'EPIPE',
      did: 'reset',
      sent: 10,
      received: 0,
      raw: 2,
      wrong: { at: 3, expected: '0102', got: '4748' },
      failure: { step: 'expect 10 bytes', index: 1, message: 'not within 5000 ms' },
      events: [
        { t: 1.1, event: 'opened' },
        { t: 1.4, event: 'established' },
        { t: 2.5, event: 'rst-sent' },
        { t: 2.6, event: 'error', step: 1 },
        { t: 2.6, event: 'closed' },
      ],
    },
    {
      t: 3,
      type: 'counts',
      descriptors: 21,
      records: 1,
      active: { TCPSocketWrap: 2 },
      rss: 60_000,
      heap: 9_000,
    },
    { t: 3.5, type: 'output', stream: 'stderr', text: 'no\u001B[2J', cut: true, dropped: 3 },
    { t: 4, type: 'end-line', id: '1', incoming: 'econnreset', bytesIn: 10, bytesOut: 0 },
    { t: 4, type: 'opaque', reason: 'its target file says so' },
    { t: 5, type: 'drain', round: 1, took: 12, drained: true, limit: 2000 },
    { t: 6, type: 'report', at: 'settled', round: 1, report: { suspects: [suspect], took: 1 } },
    { t: 7, type: 'explained', lines: { [suspect.fingerprint]: [position] } },
    { t: 8, type: 'skipped', reason: 'no' },
    { t: 9, type: 'lab-error', code: 'LASTFIN_LAB', message: 'no' },
    {
      t: 10,
      type: 'exit',
      asked: true,
      within: false,
      code: null,
      signal: 'SIGKILL',
      took: 1000,
      grace: 1000,
      alive: [{ what: 'a timer', where: [position] }],
      why: 'because',
      stderr: '',
    },
  ];
}

/** The same journal as an older lastfin wrote it: without what only reports read. */
export function anOlderJournal(): Entry[] {
  return aJournal().flatMap((entry): Entry[] => {
    if (entry.type === 'counts' || entry.type === 'output' || entry.type === 'evidence') return [];
    if (entry.type !== 'connection') return [entry];
    const { events: _, ...connection } = entry;
    return [connection];
  });
}
