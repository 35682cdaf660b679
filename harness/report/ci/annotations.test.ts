import { describe, expect, test } from 'vitest';

import type { CaseResult, Finding } from '../../judge/verdict.ts';
import { aResult, aRun } from '../testing/sample-run.ts';
import { annotations } from './annotations.ts';

const roots = { cwd: '/repo/packages/proxy', root: '/repo' };

function aLeak(fingerprint: string, file = 'src/a.ts'): Finding {
  return {
    kind: 'leak',
    message: `20 timers left: ${fingerprint}`,
    fingerprint,
    resource: 'timer',
    count: 20,
    where: [
      { file: 'node_modules/x/index.js', line: 1, column: 1 },
      { file, line: 7, column: 3 },
    ],
    sample: '',
    hold: 'hard',
  };
}

function aCase(id: string, parts: Partial<CaseResult>): CaseResult {
  return aResult({ id, verdict: 'failed', ...parts });
}

describe('annotations', () => {
  test('one a cause, not one a case, at its line from the root of the repository', () => {
    const cases = Array.from({ length: 41 }, (_, index) =>
      aCase(`x[n=${index}]`, { findings: [aLeak('one')] }),
    );
    const lines = annotations(aRun(cases), roots);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^::error file=packages\/proxy\/src\/a\.ts,line=7,col=3,title=lastfin%3A leak\/timer::20 timers left: one%0A41 cases, smallest: /,
    );
    expect(lines[0]).toContain('fix: Clear it in the one place');
  });

  test('at most ten of a kind, the most frequent first; the tenth counts the rest', () => {
    const cases = Array.from({ length: 15 }, (_, index) =>
      aCase(`x[n=${index}]`, { findings: [aLeak(`leak ${index}`), ...(index < 3 ? [aLeak('often')] : [])] }),
    );
    const lines = annotations(aRun(cases), roots);
    expect(lines).toHaveLength(10);
    expect(lines[0]).toContain('left: often');
    expect(lines[9]).toBe('::error title=lastfin::7 more are in the summary of this job and in report.json');
  });

  test('a cause of which all cases passed in the end is a warning', () => {
    const flaky = aCase('x[n=1]', { verdict: 'flaky', findings: [aLeak('one')] });
    const both = [flaky, aCase('x[n=2]', { findings: [aLeak('two')] })];
    expect(annotations(aRun(both), roots).map((line) => line.split(' ')[0])).toEqual([
      '::error',
      '::warning',
    ]);
    const often = [flaky, aCase('x[n=2]', { findings: [aLeak('one')] })];
    expect(annotations(aRun(often), roots).map((line) => line.split(' ')[0])).toEqual(['::error']);
  });

  test('a lab that failed is one error a reason, and says that it is not the target', () => {
    const error = { verdict: 'error', reason: 'LASTFIN_LAB: no port\nmore' } as const;
    const lines = annotations(aRun([aCase('x[n=1]', error), aCase('x[n=2]', error)]), roots);
    expect(lines).toEqual([
      '::error title=lastfin%3A the lab failed::LASTFIN_LAB: no port%0Ain x[n=1] and 1 more; it says nothing about the target',
    ]);
  });

  test('a cause without a line stands at its scenario; outside of the repository at none', () => {
    const [first] = annotations(
      aRun([aCase('x', { findings: [{ ...aLeak('one'), where: [] } as Finding] })]),
      roots,
    );
    expect(first).toMatch(
      /^::error file=packages\/proxy\/scenarios\/faults\/client-reset\.yaml,line=3,col=1,/,
    );
    const [second] = annotations(
      aRun([
        aCase('x', {
          findings: [{ ...aLeak('one'), where: [] } as Finding],
          source: { file: '/usr/lib/scenarios/x.yaml', line: 1, column: 1 },
        }),
      ]),
      roots,
    );
    expect(second).toMatch(/^::error title=/);
  });

  test('a run where all passed has none', () => {
    expect(annotations(aRun([aResult()]), roots)).toEqual([]);
  });
});
