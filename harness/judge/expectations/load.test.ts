import { expect, test } from 'vitest';

import type { LoadSeen } from '../../journal/load-seen.ts';
import type { LoadLimits } from '../../scenario/background-load.ts';
import { judge } from '../judge.ts';
import { aJournal } from '../testing/hand-built-journal.ts';
import type { CaseResult } from '../verdict.ts';

const SEEN: LoadSeen = {
  began: 1000,
  took: 3000,
  requests: 300,
  answered: 263,
  errors: { end: 7, 502: 30 },
  p50: 2,
  p99: 250,
  starved: 0,
  width: 100,
  buckets: [
    { t: 1000, requests: 100, errors: {}, p99: 5 },
    { t: 1400, requests: 100, errors: { 502: 30 } },
    { t: 1500, requests: 100, errors: { end: 7 }, p99: 250 },
  ],
};

const judged = (load: LoadLimits, seen: Partial<LoadSeen> = {}): CaseResult =>
  judge(
    aJournal({
      case: {
        load: {
          connections: 10,
          rate: 100,
          duration: 3000,
          pipelining: 1,
          method: 'GET',
          path: '/',
          body: 0,
          answer: 64,
        },
        expect: { drain: 2000, load },
      },
      extra: [{ type: 'load', round: 1, ...SEEN, ...seen }],
    }),
  );

test('more errors than may be are a finding, with their codes and when they came', () => {
  const { findings } = judged({ errors: { share: 0.01 } });
  expect(findings).toMatchObject([
    {
      kind: 'load',
      what: 'errors',
      actual: 37,
      expected: '1%',
      message:
        '37 of 300 requests of the load failed (12.3%; 502: 30, end: 7), expected at most 1%; they failed from 1400 to 1600 ms of the case',
    },
  ]);
  expect(judged({ errors: { count: 36 } }).findings).toHaveLength(1);
});

test('as many errors as may be, and answers in time, are none', () => {
  expect(judged({ errors: { count: 37 }, p99: 250 }).verdict).toBe('passed');
  expect(judged({ errors: { share: 0.13 } }).verdict).toBe('passed');
  expect(judged({}).verdict).toBe('passed');
});

test('late answers are a finding', () => {
  expect(judged({ p99: 249 }).findings).toMatchObject([
    {
      kind: 'load',
      what: 'p99',
      actual: 250,
      message: '99 of 100 answers of the load came within 250 ms, expected 249 ms',
    },
  ]);
});

test('a load that sent nothing proves nothing', () => {
  expect(judged({ errors: { share: 1 } }, { requests: 0, errors: {} }).findings).toMatchObject([
    { kind: 'load', what: 'requests', message: 'the load sent no request' },
  ]);
});
