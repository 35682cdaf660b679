import { assert, array, boolean, integer, property, record, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CaseResult, Finding } from '../judge/verdict.ts';
import { causesIn } from './case-causes.ts';
import { groupCauses } from './causes.ts';
import { aResult, aRun } from './testing/sample-run.ts';

const leak = (name: string, resource: 'socket' | 'timer' | 'record' = 'socket'): Finding => ({
  kind: 'leak',
  message: `20 left, from ${name}`,
  fingerprint: `leak ${name}`,
  resource,
  count: 20,
  where: resource === 'record' ? [] : [{ file: `src/${name}.ts`, line: 7, column: 3 }],
  sample: '',
  hold: 'hard',
});
const step = (follows?: string): Finding => ({
  kind: 'step',
  message: 'could not go on',
  fingerprint: 'step client open',
  ...(follows === undefined ? {} : { follows }),
  actor: 'client',
  step: 'open',
  connections: 1,
});
const failed = (id: string, findings: Finding[], parts: Partial<CaseResult> = {}): CaseResult =>
  aResult({ id, verdict: 'failed', findings, ...parts });

const told = (results: CaseResult[]): string[] =>
  groupCauses(results).map(
    ({ fingerprint, cases, joined }) =>
      `${cases} ${[fingerprint, ...joined.map((one) => one.fingerprint)].join(' + ')}`,
  );

describe('causes of a run', () => {
  test('one mistake in many cases is one cause, with what follows from it', () => {
    const results = Array.from({ length: 25 }, (_, index) =>
      failed(`faults/${index}`, [leak('a'), ...(index < 3 ? [step('leak a')] : [])]),
    );
    expect(aRun(results).summary).toBe('25 cases failed, 1 cause');
    expect(groupCauses(results)).toMatchObject([
      {
        fingerprint: 'leak a',
        kind: 'leak',
        lines: [{ file: 'src/a.ts', line: 7 }],
        cases: 25,
        consequences: [{ kind: 'step', cases: 3 }],
      },
    ]);
  });

  test('the cause of most cases comes first', () => {
    const results = [failed('a', [leak('a')]), failed('b', [leak('b')]), failed('c', [leak('b')])];
    expect(told(results)).toEqual(['2 leak b', '1 leak a']);
    expect(aRun(results).summary).toBe('3 cases failed, 2 causes');
  });

  test('leaks that are never seen without each other are one cause, with the lines of both', () => {
    const results = [failed('a', [leak('in'), leak('out')]), failed('b', [leak('out'), leak('in')])];
    expect(told(results)).toEqual(['2 leak in + leak out']);
    expect(groupCauses(results)[0]?.lines.map(({ file }) => file)).toEqual(['src/in.ts', 'src/out.ts']);
  });

  test('a leak that is there in only some of the cases is a cause of its own', () => {
    const results = [failed('a', [leak('a'), leak('b')]), failed('b', [leak('a')])];
    expect(told(results)).toEqual(['2 leak a', '1 leak b']);
  });

  test('a count without a line goes with the leaks that explain it in each of its cases', () => {
    const both = [
      failed('a', [leak('a'), leak('r', 'record')]),
      failed('b', [leak('b'), leak('r', 'record')]),
    ];
    expect(told(both)).toEqual(['1 leak a + leak r', '1 leak b + leak r']);
    expect(told([...both, failed('c', [leak('r', 'record')])])).toEqual(['3 leak r', '1 leak a', '1 leak b']);
    // a leak that occurs without the count does not explain it
    expect(told([...both, failed('c', [leak('a')])])).toEqual(['2 leak a', '2 leak r', '1 leak b']);
  });

  test('other findings are never joined: each is a mistake of its own', () => {
    expect(told([failed('a', [leak('a'), step()])])).toEqual(['1 leak a', '1 step client open']);
  });

  test('the smallest case: fewest connections, then fewest findings, then the shortest; a flaky one last', () => {
    const one = (id: string, parts: Partial<CaseResult>): CaseResult => failed(id, [leak('a')], parts);
    const smallest = (...results: CaseResult[]): string | undefined => groupCauses(results)[0]?.smallest.id;
    const few = one('few', { connections: 2, took: 900 });
    expect(smallest(one('many', { connections: 20, took: 1 }), few)).toBe('few');
    expect(smallest(failed('two', [leak('a'), step('leak a')], { connections: 2, took: 1 }), few)).toBe(
      'few',
    );
    expect(smallest(few, one('short', { connections: 2, took: 100 }))).toBe('short');
    expect(smallest(one('flaky', { connections: 1, verdict: 'flaky' }), few)).toBe('few');
    expect(smallest(one('unknown', { connections: undefined }), few)).toBe('few');
  });

  test('cases that passed, were skipped or that the lab failed have none', () => {
    const results = [aResult(), aResult({ verdict: 'skipped' }), aResult({ verdict: 'error' })];
    expect(groupCauses(results)).toEqual([]);
    expect(aRun(results).summary).toBe('1 error of the lab');
    expect(aRun([aResult()]).summary).toBe('1 case passed');
  });

  test('each finding of each failed case is in a cause or follows from one', () => {
    const names = ['a', 'b', 'c', 'd'];
    const oneCase = record({
      leaks: subarray(names),
      count: boolean(),
      connections: integer({ min: 1, max: 5 }),
    });
    assert(
      property(array(oneCase, { maxLength: 12 }), (cases) => {
        const results = cases.map(({ leaks, count, connections }, index) =>
          failed(
            `case ${index}`,
            [...leaks.map((name) => leak(name)), ...(count ? [leak('r', 'record')] : [])],
            { connections },
          ),
        );
        const causes = groupCauses(results);
        for (const { id, findings } of results) {
          for (const { fingerprint } of findings) {
            const shown = causes.filter(
              (cause) =>
                cause.ids.includes(id) &&
                [cause.fingerprint, ...cause.joined.map((one) => one.fingerprint)].includes(fingerprint),
            );
            expect(shown.length).toBeGreaterThan(0);
          }
        }
        for (const { ids, smallest, cases: count } of causes) {
          expect(ids).toContain(smallest.id);
          expect(ids).toHaveLength(count);
        }
      }),
    );
  });
});

describe('causes of a case', () => {
  test('the first consequence stands in for a cause that is excused', () => {
    const drain: Finding = {
      kind: 'drain',
      message: 'x',
      fingerprint: 'drain',
      follows: 'gone',
      took: 2,
      limit: 1,
    };
    expect(causesIn({ findings: [step('gone'), drain] })).toEqual({
      causes: [step('gone')],
      consequences: [{ finding: drain, of: 'step client open' }],
    });
  });
});
