import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { temporaryFolder } from '../../../shared/temporary-folder.ts';
import { aResult, aRun } from '../../report/testing/sample-run.ts';
import { changeKnown } from './change-known.ts';
import { formatKnown, type KnownFile, parseKnown, readKnown } from './known-file.ts';

const EXCEPTION = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
const KNOWN: KnownFile = {
  known: 1,
  findings: { proxy: { 'timer time-out tunnel.ts open': { ...EXCEPTION, case: 'a/one' } } },
  quarantine: { 'a/two': EXCEPTION },
};

test('a file that was written is read as it was', () => {
  expect(parseKnown('known.json', formatKnown(KNOWN))).toEqual(KNOWN);
});

test('an identity of any characters comes through', () => {
  const identity = `listener 'close' \`x: {"a": [1]}\` # no comment, \\ " ' ${'long '.repeat(100)}`;
  const file: KnownFile = {
    ...KNOWN,
    findings: { 'my target.yaml': { [identity]: { ...EXCEPTION, case: 'a' } } },
  };
  expect(parseKnown('known.json', formatKnown(file))).toEqual(file);
});

const text = formatKnown(KNOWN);

test.each<[string, string, string]>([
  ['cut off', text.slice(0, text.length / 2), 'known.json:'],
  ['empty', '', 'known.json'],
  ['of another version', text.replace('"known": 1', '"known": 2'), '`known` cannot be 2'],
  ['without an owner', text.replace('"owner": "edge",', ''), '.owner` is missing'],
  [
    'with a placeholder',
    text.replace('"edge"', '"TODO: who?"'),
    '`owner` is a placeholder: say who will see to it',
  ],
  [
    'with another placeholder',
    text.replace('"#12"', '"?"'),
    '`reason` is a placeholder: say why it may be there',
  ],
  ['without a day', text.replace('2027-01-31', 'never'), 'must be a day such as 2027-01-31'],
  ['with a day that there is not', text.replace('2027-01-31', '2027-02-30'), 'must be a day such as'],
  ['with a misspelt key', text.replace('"owner"', '"ownr"'), 'did you mean `owner`?'],
])('a file %s is refused, and not overwritten', async (_, content, says) => {
  const folder = temporaryFolder('known-test');
  try {
    const file = path.join(folder, 'known.json');
    await writeFile(file, content);
    expect(() => readKnown(file)).toThrow(says.replace('known.json', file));
    const report = aRun([aResult({ verdict: 'failed', findings: aFinding() })]);
    const change = { file, accept: EXCEPTION, prune: true, today: '2026-11-28' };
    await expect(changeKnown(report, change)).rejects.toMatchObject({ code: 'LASTFIN_KNOWN_INVALID' });
    expect(readFileSync(file, 'utf8')).toBe(content);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function aFinding(): { kind: 'drain'; message: string; fingerprint: string; took: number; limit: number }[] {
  return [{ kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1 }];
}
