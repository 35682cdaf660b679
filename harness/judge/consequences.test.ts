import { describe, expect, test } from 'vitest';

import { withConsequences } from './consequences.ts';
import { judge } from './judge.ts';
import { aConnection, aJournal, aSuspect } from './testing/hand-built-journal.ts';
import type { Finding } from './verdict.ts';

const line = (number: number) => ({ file: 'src/a.ts', line: number, column: 1 });
const leak = (number: number): Finding => ({
  kind: 'leak',
  message: 'left',
  fingerprint: `socket a.ts:${number}:1`,
  resource: 'socket',
  count: 1,
  where: [line(number)],
  sample: '',
  hold: 'hard',
});
const step: Finding = {
  kind: 'step',
  message: 'x',
  fingerprint: 'step',
  actor: 'client',
  step: 'x',
  connections: 1,
};
const drain: Finding = { kind: 'drain', message: 'x', fingerprint: 'drain late', took: 2, limit: 1 };
const invariant = (fingerprint: string): Finding => ({
  kind: 'invariant',
  invariant: 'bytes',
  message: 'x',
  fingerprint,
  detail: '',
});
const noExit = (...lines: number[]): Finding => ({
  kind: 'no-exit',
  message: 'x',
  fingerprint: 'no-exit',
  grace: 1,
  alive: lines.map((number) => ({ what: 'a timer', where: [line(number)] })),
});
const crash: Finding = {
  kind: 'crash',
  message: 'x',
  fingerprint: 'crash',
  code: 1,
  signal: null,
  where: [],
  stderr: '',
};

const marked = (findings: Finding[], shutdown = false): (string | undefined)[] =>
  withConsequences(findings, shutdown).map(({ follows }) => follows);

describe('consequences', () => {
  test.each<[string, Finding[], (string | undefined)[]]>([
    ['a leak has them', [leak(1), step, drain], [undefined, 'socket a.ts:1:1', 'socket a.ts:1:1']],
    ['two leaks are two causes', [leak(1), leak(2), step], [undefined, undefined, 'socket a.ts:1:1']],
    ['a crash has them, and the leaks stay causes', [crash, leak(1), step], [undefined, undefined, 'crash']],
    ['without either the first one has the others', [step, drain], [undefined, 'step']],
    [
      'bytes that did not arrive are what a step waited for',
      [step, invariant('invariant bytes not delivered')],
      [undefined, 'step'],
    ],
    [
      'beside a leak they are a mistake of their own',
      [leak(1), step, invariant('invariant bytes not delivered')],
      [undefined, 'socket a.ts:1:1', undefined],
    ],
    ['bytes that were lost', [step, invariant('invariant bytes lost from client')], [undefined, undefined]],
    [
      'bytes that arrived wrong',
      [leak(1), invariant('invariant bytes corrupt client')],
      [undefined, undefined],
    ],
    ['what a leak keeps alive', [leak(1), noExit(1, 1)], [undefined, 'socket a.ts:1:1']],
    ['what something else keeps alive, too', [leak(1), noExit(1, 2)], [undefined, undefined]],
    ['what nothing is known of', [leak(1), noExit()], [undefined, undefined]],
    ['a target that does not exit, beside a step that hung', [step, noExit(3)], [undefined, undefined]],
  ])('%s', (_, findings, expected) => {
    expect(marked(findings)).toEqual(expected);
  });

  test('when told to stop with connections, what they saw follows from a target that does not exit', () => {
    expect(marked([step, noExit(3)], true)).toEqual(['no-exit', undefined]);
  });
});

describe('fingerprints', () => {
  const failing = (id: string, connection: number, port: number): Finding[] =>
    judge(
      aJournal({
        case: { id },
        connections: [
          aConnection({
            connection,
            failure: { step: 'open', index: 0, message: `connect ECONNREFUSED 127.0.0.1:${port}` },
          }),
        ],
      }),
    ).findings;

  test('are those of the mistake: no case, figure or port', () => {
    const [one] = failing('faults/a', 0, 4000);
    const [other] = failing('lifecycle/b', 7, 51_234);
    expect(one?.kind).toBe('step');
    expect(one?.fingerprint).toBe('step client open connect ECONNREFUSED N.N.N.N:N');
    expect(other?.fingerprint).toBe(one?.fingerprint);
  });

  test('a target that does not exit: named after what no leak explains', () => {
    const at = (file: string) => ({ what: 'a timer', where: [{ file, line: 41, column: 9 }] });
    const exit = (...files: string[]) => ({
      within: false,
      code: null,
      signal: 'SIGKILL',
      alive: files.map(at),
    });
    const last = (reports: boolean, ...files: string[]): Finding | undefined =>
      judge(
        aJournal({ exit: exit(...files), ...(reports ? { reports: { settled: [aSuspect()] } } : {}) }),
      ).findings.at(-1);
    expect(last(false, '/x/server.ts')?.fingerprint).toBe('no-exit server.ts:41:9');
    expect(last(true, 'src/tunnel.ts', 'server.ts')).toMatchObject({ fingerprint: 'no-exit server.ts:41:9' });
    expect(last(true, 'src/tunnel.ts')).toMatchObject({
      fingerprint: 'no-exit tunnel.ts:41:9',
      follows: 'socket:tunnel.ts:41',
    });
  });
});
