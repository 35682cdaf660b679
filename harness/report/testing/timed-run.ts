import type { CaseResult } from '../../judge/verdict.ts';
import type { ConnectionEvent, Entry } from '../../journal/entry.ts';
import { aResult } from './sample-run.ts';

const SOURCE = { file: 'test/programs/two-mistakes.mjs', line: 8, column: 14, name: 'onConnection' };

/** For tests: a failed case whose line can be read here, with a journal that tells time. */
export function aTimedFailure(parts: Partial<CaseResult> = {}): CaseResult {
  return aResult({
    id: 'faults/client-reset[phase=idle]',
    cell: { phase: 'idle' },
    verdict: 'failed',
    connections: 6,
    drain: undefined,
    took: 2400,
    findings: [
      {
        kind: 'leak',
        message:
          '6 timers left after 6 connections, from test/programs/two-mistakes.mjs:8:14; hard: stayed after the peers let go',
        fingerprint: 'timer time-out two-mistakes.mjs:8:14',
        resource: 'timer',
        count: 6,
        where: [SOURCE, { ...SOURCE, line: 10, column: 11 }],
        sample: 'time-out of 60000 ms, unref',
        path: '(timers) → Timeout → context → client → Socket',
        hold: 'hard',
      },
      {
        kind: 'seen',
        message: '6 upstreams saw `reset`, expected none',
        fingerprint: 'seen upstream reset unexpected',
        follows: 'timer time-out two-mistakes.mjs:8:14',
        actor: 'upstream',
        seen: 'reset',
        expected: 'none',
        actual: 6,
      },
    ],
    terminations: { incoming: { econnreset: 5, error: 1 }, outgoing: { closed_incoming: 6 } },
    seen: { client: { none: 6 }, upstream: { reset: 6 } },
    ...parts,
  });
}

/** For tests: the journal of such a case, by the form of journals that tell time. */
export function aTimedJournal(
  { id, scenario, cell, about, source, target }: CaseResult = aTimedFailure(),
): Entry[] {
  const sample = (extra: number): Entry & { type: 'sample' } => ({
    t: 120,
    type: 'sample',
    at: 'baseline',
    round: 0,
    sample: {
      gauges: { records: extra },
      counters: {},
      terminations: { incoming: {}, outgoing: {} },
      resources: { TCPServerWrap: 1, Timeout: extra },
      fds: { socket: 3 + extra, pipe: 9 },
      heapUsed: (5 + extra / 10) * 1024 * 1024,
    },
  });
  const reset = {
    kind: 'reset' as const,
    side: 'client' as const,
    when: { at: 'established' as const, count: 'all' as const },
  };
  const latency = {
    kind: 'toxic' as const,
    type: 'latency' as const,
    side: 'upstream' as const,
    direction: 'to-client' as const,
    toxicity: 1,
    attributes: { latency: 20 },
    when: { at: 'connect' as const },
  };
  const all = { min: 'all' as const, max: 'all' as const };
  return [
    {
      t: 0,
      type: 'case',
      journal: 1,
      case: {
        id,
        scenario,
        cell,
        about,
        source,
        target,
        kind: 'universal',
        ownTarget: false,
        route: 'tcp',
        family: 'ipv4',
        addresses: [],
        settings: {},
        connections: { count: 6, concurrent: 6 },
        client: [{ kind: 'open' }, { kind: 'send', bytes: 64 }],
        upstream: [{ kind: 'expect', bytes: 64 }],
        faults: [latency, reset],
        expect: {
          drain: 2000,
          incoming: { econnreset: all },
          outgoing: { closed_incoming: all },
          client: { none: all },
        },
        deadline: 5000,
        seed: 1,
      },
      lastfin: '0.1.0',
      node: 'v20.20.2',
      platform: 'linux',
      publishes: { records: true, terminations: true, ends: true },
    },
    { t: 2, type: 'phase', phase: 'warm-up', round: 0 },
    { t: 100, type: 'phase', phase: 'baseline', round: 0 },
    sample(0),
    { t: 130, type: 'phase', phase: 'steady', round: 1 },
    { t: 131, type: 'fault', action: 'applied', fault: latency, fidelity: 'toxiproxy' },
    ...counts(),
    { t: 210, type: 'phase', phase: 'fault', round: 1 },
    { t: 211.5, type: 'fault', action: 'applied', fault: reset, fidelity: 'wire' },
    { t: 240, type: 'phase', phase: 'heal', round: 1 },
    { t: 241, type: 'fault', action: 'healed', fault: latency, fidelity: 'toxiproxy' },
    { t: 242, type: 'phase', phase: 'settle', round: 1 },
    {
      t: 214,
      type: 'output',
      stream: 'stdout',
      text: '{"level":30,"msg":"client reset","code":"ECONNRESET"}',
    },
    {
      t: 216.2,
      type: 'output',
      stream: 'stderr',
      text: 'Error: read ECONNRESET\n    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)',
    },
    { ...sample(6), t: 1300, at: 'settled', round: 1 },
    ...Array.from({ length: 6 }, (_, index) => connection('client', index)),
    ...Array.from({ length: 6 }, (_, index) => connection('upstream', index)),
    { t: 1310, type: 'phase', phase: 'release', round: 1 },
    { t: 2300, type: 'phase', phase: 'stop', round: 1 },
    {
      t: 2390,
      type: 'exit',
      asked: true,
      within: true,
      code: 0,
      signal: null,
      took: 20,
      grace: 2000,
      stderr: '',
    },
  ];
}

function counts(): Entry[] {
  return Array.from({ length: 48 }, (_, index) => {
    const t = 135 + index * 25;
    const open = t < 160 ? 3 : t < 215 ? 6 : 0;
    const left = t < 160 ? 3 : 6;
    return {
      t,
      type: 'counts' as const,
      descriptors: 12 + 2 * open,
      records: open,
      active: { TCPServerWrap: 1, TCPSocketWrap: 2 * open, Timeout: left },
      rss: 48_000 + index * 20,
    };
  });
}

function connection(actor: 'client' | 'upstream', index: number): Entry {
  const at = 132 + index * 7;
  const client: ConnectionEvent[] = [
    { t: at, event: 'opened' },
    { t: at + 1.2, event: 'established' },
    { t: at + 6, event: 'step', step: 1 },
    { t: at + 30, event: 'first-byte' },
    { t: 211.5 + index / 10, event: 'rst-sent' },
    { t: 211.6 + index / 10, event: 'closed' },
  ];
  const upstream: ConnectionEvent[] = [
    { t: at + 3, event: 'opened' },
    { t: at + 3.1, event: 'established' },
    { t: at + 8, event: 'first-byte' },
    ...(index === 5
      ? []
      : [
          { t: 214 + index, event: 'rst' as const, code: 'ECONNRESET' },
          { t: 214.2 + index, event: 'closed' as const },
        ]),
  ];
  return {
    t: 1301,
    type: 'connection',
    actor,
    round: 1,
    connection: index,
    seen: actor === 'client' ? 'none' : 'reset',
    did: actor === 'client' ? 'reset' : 'nothing',
    sent: 64,
    received: 64,
    events: actor === 'client' ? client : upstream,
  };
}
