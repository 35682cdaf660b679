import type { CaseResult } from '../../judge/verdict.ts';
import { buildReport, type RunReport } from '../run-report.ts';

/** For tests: a result that passed, but for what differs. */
export function aResult(parts: Partial<CaseResult> = {}): CaseResult {
  return {
    id: 'faults/client-reset[phase=idle,count=20]',
    scenario: 'faults/client-reset',
    cell: { phase: 'idle', count: '20' },
    about: 'a client that resets leaves nothing behind',
    source: { file: 'scenarios/faults/client-reset.yaml', line: 3, column: 1 },
    target: 'proxy',
    connections: 20,
    seed: 7,
    verdict: 'passed',
    findings: [],
    drain: 12,
    took: 640,
    terminations: { incoming: { econnreset: 20 }, outgoing: { closed_incoming: 20 } },
    seen: { client: { none: 20 }, upstream: { end: 20 } },
    fidelity: 'wire',
    ...parts,
  };
}

const LEAK = 'socket outgoing web-incoming.js:154:20';

/** A failed case with a finding of each kind. */
export function aFailure(): CaseResult {
  const tunnel = {
    file: 'node_modules/http-proxy/lib/http-proxy/passes/web-incoming.js',
    line: 154,
    column: 20,
    name: 'stream',
  };
  return aResult({
    id: 'field/hp-abort[count=20]',
    scenario: 'field/hp-abort',
    cell: { count: '20' },
    about:
      'a client that aborts its request while the backend is silent must not leave the backend socket open for ever',
    source: { file: 'scenarios/field/hp-abort.yaml', line: 3, column: 1 },
    target: 'http-proxy',
    verdict: 'failed',
    drain: undefined,
    took: 8_120,
    terminations: { incoming: {}, outgoing: {} },
    findings: [
      {
        kind: 'leak',
        message: `20 open sockets left after 20 connections, from ${tunnel.file}:154:20 (stream); peer-held: cleared only when the peers let go`,
        resource: 'socket',
        count: 20,
        fingerprint: LEAK,
        where: [tunnel, { file: 'src/server.js', line: 12, column: 9 }],
        sample: 'TCP socket to 127.0.0.1:9000, readable, 3 listeners for `error`',
        path: '(global) → server → _events → request → context → sockets → [17]',
        alsoRetains: 140,
        hold: 'peer-held',
      },
      {
        kind: 'termination',
        message: 'incoming: 18 ended as `econnreset`, expected 20',
        side: 'incoming',
        fingerprint: 'termination incoming econnreset other number',
        follows: LEAK,
        reason: 'econnreset',
        expected: '20',
        actual: 18,
      },
      {
        kind: 'seen',
        message: '2 upstreams saw `reset`, expected none',
        actor: 'upstream',
        fingerprint: 'seen upstream reset unexpected',
        follows: LEAK,
        seen: 'reset',
        expected: 'none',
        actual: 2,
      },
      {
        kind: 'invariant',
        message: '100 bytes lost: clients sent 2000 bytes, upstreams received 1900, and all ended gracefully',
        fingerprint: 'invariant bytes lost from client',
        follows: LEAK,
        invariant: 'bytes',
        detail: 'clients sent 2000 bytes, upstreams received 1900, and all ended gracefully',
      },
      {
        kind: 'step',
        message: '2 clients could not complete step 3, `expect 10 bytes`: not within 5000 ms',
        actor: 'client',
        fingerprint: 'step client expect not within N ms',
        follows: LEAK,
        step: 'expect 10 bytes',
        connections: 2,
      },
      {
        kind: 'drain',
        message: 'drained only after 2500 ms; the limit is 2000 ms',
        fingerprint: 'drain late',
        follows: LEAK,
        took: 2500,
        limit: 2000,
      },
      {
        kind: 'crash',
        message: 'died when told to stop, with exit code 1: TypeError: socket is null',
        fingerprint: 'crash exit TypeError: socket is null tunnel.ts:88:12',
        code: 1,
        signal: null,
        where: [{ file: 'src/tunnel.ts', line: 88, column: 12, name: 'close' }],
        stderr: '\u001B[31mTypeError: socket is null\u001B[39m\n    at close (src/tunnel.ts:88:12)\n\u0007',
      },
      {
        kind: 'no-exit',
        message:
          'did not exit within 1000 ms of the stop signal; kept alive by a timer from src/idle.ts:9:18',
        fingerprint: 'no-exit idle.ts:9:18',
        grace: 1000,
        alive: [{ what: 'a timer of 30 s', where: [{ file: 'src/idle.ts', line: 9, column: 18 }] }],
        why: 'There are 1 handle(s) keeping the process running.',
      },
    ],
  });
}

/** A run with every verdict, in several scenarios. */
export function aRun(results: CaseResult[] = variety()): RunReport {
  return buildReport({
    lastfin: '0.1.0',
    started: '2026-01-02T03:04:05.678Z',
    took: 31_200,
    node: 'v20.20.2',
    platform: 'linux',
    seed: 7,
    notApplicable: { cases: 0, reasons: [] },
    interrupted: false,
    results,
  });
}

export function variety(): CaseResult[] {
  return [
    aResult(),
    aResult({
      id: 'faults/client-reset[phase=mid-transfer,count=20]',
      cell: { phase: 'mid-transfer', count: '20' },
      drain: 1_240,
    }),
    aResult({
      id: 'faults/upstream-refused',
      scenario: 'faults/upstream-refused',
      cell: {},
      fidelity: 'kernel',
      terminations: {
        incoming: { connection_refused: 19, host_unreachable: 1 },
        outgoing: { connection_refused: 20 },
      },
    }),
    aFailure(),
    aResult({
      id: 'lifecycle/flood[mode=tls-terminate,direction=to-upstream,count=200]',
      scenario: 'lifecycle/flood',
      cell: { mode: 'tls-terminate', direction: 'to-upstream', count: '200' },
      verdict: 'flaky',
      attempts: 2,
      fidelity: 'toxiproxy',
      findings: [
        {
          kind: 'drain',
          message: 'drained only after 2500 ms; the limit is 2000 ms',
          fingerprint: 'drain late',
          took: 2500,
          limit: 2000,
        },
      ],
    }),
    aResult({
      id: 'faults/blackhole[family=ipv6]',
      scenario: 'faults/blackhole',
      cell: { family: 'ipv6' },
      verdict: 'skipped',
      reason: 'needs a network namespace: unshare: Operation not permitted',
      drain: undefined,
      took: 3,
      terminations: { incoming: {}, outgoing: {} },
      seen: undefined,
      fidelity: undefined,
    }),
    aResult({
      id: 'targets/nginx',
      scenario: 'targets/nginx',
      cell: {},
      verdict: 'error',
      reason: 'LASTFIN_TARGET_START: nginx was not ready within 5 s',
      drain: undefined,
      terminations: { incoming: {}, outgoing: {} },
      seen: undefined,
      fidelity: undefined,
    }),
  ];
}
