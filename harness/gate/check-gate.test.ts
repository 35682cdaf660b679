import { describe, expect, test } from 'vitest';

import type { CaseResult, Finding } from '../judge/verdict.ts';
import { aResult, aRun } from '../report/testing/sample-run.ts';
import { type Check, checkGate, type Gated } from './check-gate.ts';
import { type Gate, noThresholds } from './gate-file.ts';
import { gateInWords } from './gate-text.ts';
import { nothingKnown } from './known/known-file.ts';

const EXCEPTION = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
const late = (parts: Partial<Finding> = {}): Finding =>
  ({ kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1, ...parts }) as Finding;
const failed = (id: string, ...findings: Finding[]): CaseResult =>
  aResult({ id, verdict: 'failed', findings });

function gated(results: CaseResult[], gate: Partial<Gate> = {}): Gated {
  return checkGate(aRun(results), { ...noThresholds(), ...gate }, nothingKnown());
}

const over = ({ checks }: Gated): Check[] => checks.filter(({ holds }) => !holds);

describe('without thresholds', () => {
  test('a clean run is let through', () => {
    expect(gated([aResult()]).exitCode).toBe(0);
  });

  test('a new finding is not; one in many cases counts once', () => {
    const result = gated([failed('a', late()), failed('b', late())]);
    expect(result.exitCode).toBe(1);
    expect(over(result)).toMatchObject([{ what: 'new findings', actual: '1', over: '1 too many' }]);
    expect(over(result)[0]?.such[0]).toContain('2 cases, such as a');
  });

  test('a known finding is; an expired one is not', () => {
    expect(gated([failed('a', late({ known: EXCEPTION }))]).exitCode).toBe(0);
    expect(gated([failed('a', late({ known: { ...EXCEPTION, expired: true } }))]).exitCode).toBe(1);
  });

  test('a flaky case is not, but in quarantine', () => {
    const flaky = aResult({ verdict: 'flaky', findings: [late()] });
    expect(gated([flaky]).exitCode).toBe(1);
    expect(gated([{ ...flaky, quarantined: EXCEPTION }]).exitCode).toBe(0);
  });

  test('a run that ran nothing is not', () => {
    expect(gated([aResult({ verdict: 'skipped' })]).exitCode).toBe(1);
    expect(gated([]).exitCode).toBe(1);
  });
});

test('a run that is not whole says too little: exit code 3, whatever the bounds', () => {
  expect(gated([aResult({ verdict: 'error' })]).exitCode).toBe(3);
  for (const part of [{ interrupted: true }, { broken: 'ENOSPC' }, { bailed: { limit: 1, notRun: 2 } }])
    expect(checkGate({ ...aRun([aResult()]), ...part }, noThresholds(), nothingKnown()).exitCode).toBe(3);
});

describe('a bound', () => {
  const results = [
    failed('a', late()),
    aResult({ id: 'b', drain: 3000, fidelity: 'simulated', memoryEach: 9000 }),
    aResult({ id: 'c', verdict: 'skipped', reason: 'no nft' }),
  ];
  test.each<[string, Partial<Gate>, Partial<Gate>, string]>([
    ['of a kind', { findings: { drain: 1 } }, { findings: { drain: 0 } }, '1 too many'],
    ['of other kinds', { findings: { other: 1 } }, { findings: { leak: 5 } }, '1 too many'],
    ['of skipped cases', { skipped: 1 }, { skipped: 0 }, '1 too many'],
    ['of cases that ran', { ran: 2 }, { ran: 5 }, '3 too few'],
    ['of drains', { drain: { p99: 3000 } }, { drain: { p99: 2000 } }, '1s too much'],
    ['of fidelity', { fidelity: 'simulated' }, { fidelity: 'wire' }, '1 too many'],
    ['of memory', { memory: { perConnection: 9000 } }, { memory: { perConnection: 8192 } }, '808 B too much'],
  ])('%s', (_, met, exceeded, by) => {
    const open = { findings: { other: 9 } };
    expect(over(gated(results, { ...open, ...met }))).toEqual([]);
    expect(over(gated(results, { ...open, ...exceeded })).map((check) => check.over)).toEqual([by]);
  });

  test('of known findings, of gone ones, of the quarantine', () => {
    const known = {
      known: 1 as const,
      findings: { proxy: { 'drain late': { ...EXCEPTION, case: 'a' } } },
      quarantine: { x: EXCEPTION, y: EXCEPTION },
    };
    const gone = [{ target: 'proxy', identity: 'drain late' }];
    const report = { ...aRun([aResult()]), known: { file: 'known.json', findings: 1, gone } };
    const gate = { ...noThresholds(), known: { most: 0, gone: 0 }, quarantine: { most: 1 } };
    expect(over(checkGate(report, gate, known)).map(({ what }) => what)).toEqual([
      'known findings',
      'known findings that are gone',
      'cases in quarantine',
    ]);
    expect(checkGate(report, noThresholds(), known).exitCode).toBe(0);
  });
});

test('the words say what is over which bound, by how much, and where', () => {
  const lines = gateInWords(gated([failed('a', late())], { findings: { drain: 0 } }), 'report.json');
  expect(lines).toEqual([
    'report.json',
    '✗ new drain findings  1, at most 0: 1 too many',
    '    drain: late [drain late] in a',
    '✓ other new findings  0, at most 0',
    '✓ flaky cases         0, at most 0',
    '✓ cases that ran      1, at least 1',
    'the gate is shut: 1 of 4 bounds exceeded',
  ]);
});
