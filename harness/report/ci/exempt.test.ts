import { describe, expect, test } from 'vitest';

import type { CaseResult, Finding } from '../../judge/verdict.ts';
import { aFailure, aResult, aRun } from '../testing/sample-run.ts';
import { agentText } from './agent-text.ts';
import { annotations } from './annotations.ts';
import { toCodeQuality } from './code-quality.ts';
import { toCtrf } from './ctrf.ts';
import { identityOf } from '../identity-of.ts';
import { exemptAs, knownAs } from './exempt.ts';
import { toMarkdown } from './markdown.ts';
import { toSarif } from './sarif.ts';
import { toTap } from './tap.ts';

const roots = { cwd: '/repo', root: '/repo' };
const mark = { owner: 'ada', reason: 'issue 12', expires: '2027-01-31' };
const [leak] = aFailure().findings as [Finding];

/** A failed case whose only finding has a mark, as a run with a file of known findings gives it. */
function aKnown(known: object): CaseResult {
  return aResult({ id: 'x', verdict: 'failed', findings: [Object.assign({ ...leak }, { known })] });
}

describe('exceptions', () => {
  test('of a finding: owner, last day and reason, unless it has expired', () => {
    expect(knownAs({ known: mark })).toBe('ada, until 2027-01-31: issue 12');
    expect(knownAs({ known: { ...mark, expired: true } })).toBeUndefined();
    expect(knownAs({})).toBeUndefined();
    expect(knownAs({ known: 'yes' })).toBeUndefined();
  });

  test('of a case: all its findings are known, or it is in quarantine', () => {
    expect(exemptAs(aKnown(mark))).toContain('ada');
    expect(exemptAs({ findings: [{ known: mark }, {}] })).toBeUndefined();
    expect(exemptAs({ findings: [] })).toBeUndefined();
    const flaky = { findings: [{}], quarantined: mark };
    expect(exemptAs(flaky)).toContain('ada');
  });

  test('a cause is named by an identity that holds when lines move, where it has one', () => {
    const moved = { fingerprint: 'timer a.ts:3:1', identity: 'timer a.ts open' };
    expect(identityOf(moved)).toBe('timer a.ts open');
    expect(identityOf({ fingerprint: 'timer a.ts:3:1' })).toBe('timer a.ts:3:1');
  });
});

describe('a known finding turns nothing red', () => {
  const known = aRun([aKnown(mark)]);
  const expired = aRun([aKnown({ ...mark, expired: true })]);

  test.each<[string, (report: typeof known) => string, RegExp]>([
    [
      'annotations',
      (report) => annotations(report, roots).join('\n'),
      /^::notice [^\n]*leak\/socket \(known\)::[^\n]*known: ada, until/,
    ],
    [
      'SARIF',
      (report) => toSarif(report, roots),
      /"suppressions": \[\s*\{\s*"kind": "external",\s*"justification": "ada, until/,
    ],
    ['Code Quality', (report) => toCodeQuality(report, roots), /"severity": "info"/],
    ['TAP', toTap, /^not ok 1 - x # TODO ada, until 2027-01-31: issue 12$/m],
    ['CTRF', toCtrf, /"status": "other"[^]*"rawStatus": "failed"[^]*"known": "ada, until/],
    [
      'Markdown',
      (report) => toMarkdown(report),
      /### Known: it does not fail the run[^]*- Known: ada, until[^]*failed \(known\)/,
    ],
    ['agents', (report) => agentText(report), /^1 known cause, not shown: no failure$/m],
  ])('%s, until it expires', (_, format, pattern) => {
    expect(format(known)).toMatch(pattern);
    expect(format(expired)).not.toMatch(pattern);
    expect(format(expired)).not.toContain('ada, until');
  });
});
