import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { assert, property, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { aJournal } from '../testing/sample-journal.ts';
import { JournalFile, journalPath, readJournal, writeJournal } from '../../journal/file.ts';
import { readLatest } from './read-latest.ts';
import { pointLatest } from './run-folder.ts';
import { safeName } from '../../journal/safe-name.ts';
import { aResult, aRun } from '../testing/sample-run.ts';
import { FilesReporter } from './write-reports.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'lastfin-reports-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('safe names', () => {
  test('read like the id', () => {
    expect(safeName('faults/client-reset[phase=idle,count=20]')).toMatch(
      /^faults_client-reset_phase=idle,count=20-[\da-f]{8}$/,
    );
  });

  test.each([
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    '',
    '.',
    'a\\..\\b',
    'a\u0000b',
    '-rf',
    'x'.repeat(5000),
    'CON',
    'ä/ö',
  ])('%j stays in its folder', (id) => {
    expect(path.resolve('/here', safeName(id))).toBe(path.join('/here', safeName(id)));
    expect(safeName(id)).toMatch(/^\w[\w.,=-]{1,120}$/);
  });

  test('no text escapes, and no two texts share a name', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'binary' }), (one, other) => {
        const file = path.resolve('/here', journalPath(one));
        expect(file.startsWith(`/here${path.sep}journal${path.sep}`)).toBe(true);
        expect(path.basename(file).length).toBeLessThan(200);
        expect(safeName(one) === safeName(other)).toBe(one === other);
      }),
    );
  });
});

describe('journals', () => {
  const journal = aJournal();
  const connection = journal.find(({ type }) => type === 'connection');

  test('come back as they were written', async () => {
    const file = writeJournal(root, 'faults/x', journal);
    expect(await readJournal(path.join(root, file))).toEqual(journal);
  });

  test('entries of a later lastfin are let through, with all their fields', async () => {
    const later = [
      { t: 11, type: 'mood', of: 'the target' },
      { ...connection, events: [{ t: 1, event: 'yawned' }] },
    ];
    const file = path.join(root, 'x.jsonl');
    await writeFile(file, [...journal, ...later].map((entry) => JSON.stringify(entry)).join('\n'));
    const entries = await readJournal(file);
    expect(entries).toEqual([...journal, ...later]);
  });

  test('an entry is on disk as soon as it was appended', async () => {
    const file = new JournalFile(root, 'faults/x', 2);
    for (const entry of journal.slice(0, 2)) file.append(entry);
    expect(await readJournal(file.path)).toEqual(journal.slice(0, 2));
    file.close();
    expect(file.path).toMatch(/\.2\.jsonl$/);
  });

  test.each<[string, string, RegExp]>([
    ['not JSON', `${JSON.stringify(journal[0])}\n{"t":1,`, /:2: not a line of JSON/],
    ['no type', `${JSON.stringify(journal[0])}\n{"t":1}\n`, /:2: type: /],
    ['no entry', `${JSON.stringify(journal[0])}\n[1]\n`, /:2: entry: /],
    ['a type without its time', `${JSON.stringify(journal[0])}\n{"type":"later"}\n`, /:2: t: /],
    [
      'a wrong field',
      `${JSON.stringify(journal[0])}\n{"t":1,"type":"phase","phase":"settle"}\n`,
      /:2: round: /,
    ],
    ['no version', JSON.stringify({ ...journal[0], journal: 0 }), /:1: journal: /],
    [
      'a newer version',
      JSON.stringify({ ...journal[0], journal: 3, lastfin: '9.1.0', case: 'anything' }),
      /:1: the journal has version 3, this lastfin reads versions 1 and 2: judge it with lastfin 9\.1\.0, /,
    ],
    [
      'a newer version of an odd writer',
      JSON.stringify({ ...journal[0], journal: 99, lastfin: '\u001B[2J'.repeat(9999) }),
      /:1: the journal has version 99, this lastfin reads versions 1 and 2: judge it with the lastfin that/,
    ],
    ['no head', `${JSON.stringify(journal[1])}\n`, /:1: a journal begins with its case/],
    ['empty', '', /:1: the journal is empty/],
    ['a blank line', `${JSON.stringify(journal[0])}\n\n${JSON.stringify(journal[1])}\n`, /:2: not a line/],
  ])('%s: refused, with file and line', async (_, text, message) => {
    const file = path.join(root, 'x.jsonl');
    await writeFile(file, text);
    await expect(readJournal(file)).rejects.toMatchObject({
      code: 'LASTFIN_JOURNAL_INVALID',
      message: expect.stringMatching(message),
      facts: { file, line: expect.any(Number) },
    });
  });

  test('a file that is not there is refused too', async () => {
    await expect(readJournal(path.join(root, 'none'))).rejects.toMatchObject({
      code: 'LASTFIN_JOURNAL_INVALID',
    });
  });
});

describe('files of a run', () => {
  const started = new Date('2026-01-02T03:04:05.678Z');

  test('journals as they come, reports at the end, and then latest', async () => {
    const files = new FilesReporter(root);
    await files.onRunStart({ started });
    const folder = path.join(root, 'runs', '2026-01-02T03-04-05.678Z');
    expect(files.folder).toBe(folder);
    files.onCaseEnd(aResult({ id: 'faults/x' }), [aJournal(), aJournal()]);
    expect(await readdir(path.join(folder, 'journal'))).toHaveLength(2);
    expect(await readdir(root)).toEqual(['runs']);
    await files.onRunEnd(aRun());
    expect((await readdir(folder)).toSorted()).toEqual([
      'journal',
      'junit.xml',
      'report.html',
      'report.json',
    ]);
    const latest: unknown = JSON.parse(await readFile(path.join(root, 'latest', 'report.json'), 'utf8'));
    expect(latest).toEqual(JSON.parse(JSON.stringify(aRun())));
  });

  test('runs of the same moment do not mix, and latest is the last to end', async () => {
    const [one, other] = [new FilesReporter(root), new FilesReporter(root)];
    await Promise.all([one.onRunStart({ started }), other.onRunStart({ started })]);
    expect(one.folder).not.toBe(other.folder);
    await one.onRunEnd(aRun());
    await other.onRunEnd(aRun());
    expect(await readlink(path.join(root, 'latest'))).toBe(
      path.join('runs', path.basename(other.folder ?? '')),
    );
    expect((await readdir(root)).toSorted()).toEqual(['latest', 'runs']);
  });

  test('a folder in the way of latest is not lost, and nothing is left lying about', async () => {
    await mkdir(path.join(root, 'latest', 'mine'), { recursive: true });
    await expect(pointLatest(root, 'x')).rejects.toThrow(/./);
    expect((await lstat(path.join(root, 'latest', 'mine'))).isDirectory()).toBe(true);
    expect(await readdir(root)).toEqual(['latest']);
  });

  // a file that is a link to /dev/full is on a full disk
  test.runIf(existsSync('/dev/full'))('a full disk is told in words, and latest stays as it is', async () => {
    const files = new FilesReporter(root);
    await files.onRunStart({ started });
    const folder = files.folder ?? '';
    const full = { code: 'LASTFIN_OUTPUT', message: expect.stringContaining('no space is left on the disk') };
    await mkdir(path.join(folder, 'journal'));
    await symlink('/dev/full', path.join(folder, journalPath('faults/x')));
    expect(() => files.onCaseEnd(aResult({ id: 'faults/x' }), [aJournal()])).toThrow(
      expect.objectContaining(full),
    );
    await symlink('/dev/full', path.join(folder, 'report.json.part'));
    await expect(files.onRunEnd(aRun())).rejects.toMatchObject(full);
    expect(await readdir(root)).toEqual(['runs']);
  });

  test('the last report is read again, whatever latest is made of', async () => {
    expect(readLatest(root)).toBeUndefined();
    const files = new FilesReporter(root);
    await files.onRunStart({ started });
    await files.onRunEnd(aRun());
    expect(readLatest(root)?.results).toHaveLength(aRun().results.length);
    await rm(path.join(root, 'latest'));
    await writeFile(path.join(root, 'latest'), `${path.join('runs', path.basename(files.folder ?? ''))}\n`);
    expect(readLatest(root)?.results).toHaveLength(aRun().results.length);
    await writeFile(path.join(root, 'latest'), 'runs/gone\n');
    expect(readLatest(root)).toBeUndefined();
  });

  test('without a start nothing is written', async () => {
    const files = new FilesReporter(root);
    files.onCaseEnd(aResult(), [aJournal()]);
    await files.onRunEnd(aRun());
    expect(await readdir(root)).toEqual([]);
  });
});
