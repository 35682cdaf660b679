import { expect, test } from 'vitest';

import type { CaseResult, Finding } from '../../judge/verdict.ts';
import { aResult } from '../../report/testing/sample-run.ts';
import type { KnownFile } from './known-file.ts';
import { goneFrom, markKnown, withoutMarks } from './mark-known.ts';
import { acceptKnown, pruneKnown } from './update-known.ts';

const TODAY = '2026-11-28';
const EXCEPTION = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
const LEAK: Finding = {
  kind: 'leak',
  message: '20 timers left',
  fingerprint: 'timer tunnel.ts:41:9',
  identity: 'timer tunnel.ts open',
  resource: 'timer',
  count: 20,
  where: [],
  sample: '',
  hold: 'hard',
};
const LATE: Finding = {
  kind: 'drain',
  message: 'late',
  fingerprint: 'drain late',
  follows: LEAK.fingerprint,
  took: 2,
  limit: 1,
};
const failed = (parts: Partial<CaseResult> = {}): CaseResult =>
  aResult({ id: 'a/one', verdict: 'failed', findings: [LEAK, LATE], ...parts });

const accepted = (...results: CaseResult[]): KnownFile =>
  acceptKnown({ known: 1, findings: {}, quarantine: {} }, { results }, EXCEPTION, TODAY).file;

test('the findings of a run that are accepted are known in the next, with what follows from them', () => {
  const known = accepted(failed());
  expect(known.findings).toEqual({
    proxy: { 'timer tunnel.ts open': { ...EXCEPTION, case: 'a/one', message: '20 timers left' } },
  });
  const moved = failed({ findings: [{ ...LEAK, fingerprint: 'timer tunnel.ts:44:9' }] });
  expect(markKnown(moved, known, TODAY).findings).toMatchObject([{ known: EXCEPTION }]);
  const marked = markKnown(failed(), known, TODAY);
  expect(marked.findings).toMatchObject([{ known: EXCEPTION }, { known: EXCEPTION }]);
  expect(marked.verdict).toBe('failed');
  expect(withoutMarks(marked)).toEqual(failed());
});

test('a consequence without its cause, another target and another finding are new', () => {
  const known = accepted(failed());
  const { follows: _, ...alone } = LATE;
  expect(markKnown(failed({ findings: [alone] }), known, TODAY).findings).toEqual([alone]);
  expect(markKnown(failed({ target: 'other' }), known, TODAY).findings).toEqual([LEAK, LATE]);
  const other = { ...LEAK, fingerprint: 'timer b.ts:1:1', identity: 'timer b.ts run' };
  expect(markKnown(failed({ findings: [other] }), known, TODAY).findings).toEqual([other]);
});

test('a target file is the same with and without ./ in front', () => {
  const known = accepted(failed({ target: './mine.yaml' }));
  expect(markKnown(failed({ target: 'mine.yaml' }), known, TODAY).findings[0]).toMatchObject({
    known: EXCEPTION,
  });
});

test('an exception holds through its last day; --accept-known renews it after that', () => {
  const known = accepted(failed());
  expect(markKnown(failed(), known, '2027-01-31').findings[0]?.known).toEqual(EXCEPTION);
  expect(markKnown(failed(), known, '2027-02-01').findings[0]?.known).toEqual({
    ...EXCEPTION,
    expired: true,
  });
  const next = { ...EXCEPTION, expires: '2027-05-01' };
  const { file, added } = acceptKnown(known, { results: [failed()] }, next, '2027-02-01');
  expect(added).toHaveLength(1);
  expect(markKnown(failed(), file, '2027-02-01').findings[0]?.known).toEqual(next);
  expect(acceptKnown(known, { results: [failed()] }, next, TODAY).added).toEqual([]);
});

test('gone is what its own case no longer shows, nor any other of the target', () => {
  const known = accepted(failed());
  const passed = aResult({ id: 'a/one' });
  const listed = [{ target: 'proxy', identity: 'timer tunnel.ts open' }];
  expect(goneFrom(known, [passed])).toEqual(listed);
  expect(goneFrom(known, [passed, failed({ id: 'a/two' })])).toEqual([]);
  // a run without the case says nothing, nor does one that skipped it
  expect(goneFrom(known, [aResult({ id: 'a/two' })])).toEqual([]);
  expect(goneFrom(known, [aResult({ id: 'a/one', verdict: 'skipped' })])).toEqual([]);
  const { file, removed } = pruneKnown(known, { results: [passed] }, TODAY);
  expect(removed).toEqual(listed);
  expect(file.findings['proxy']).toEqual({});
});

test('a flaky case goes into quarantine, and stays there while its day has not come', () => {
  const flaky = failed({ verdict: 'flaky' });
  const known = accepted(flaky);
  expect(known).toEqual({ known: 1, findings: {}, quarantine: { 'a/one': EXCEPTION } });
  expect(markKnown(flaky, known, TODAY).quarantined).toEqual(EXCEPTION);
  expect(markKnown(flaky, known, '2027-02-01').quarantined).toEqual({ ...EXCEPTION, expired: true });
  expect(markKnown(failed(), known, TODAY).quarantined).toBeUndefined();
  const results = [aResult({ id: 'a/one' })];
  expect(pruneKnown(known, { results }, TODAY).released).toEqual([]);
  expect(pruneKnown(known, { results }, '2027-02-01').released).toEqual(['a/one']);
});
