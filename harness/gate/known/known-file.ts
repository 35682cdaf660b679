import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import * as z from '../../../shared/vendor/zod.ts';
import { writeWhole } from '../../../shared/write-whole.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { readChecked } from '../../../shared/yaml-file/read-checked.ts';
import { readTextFile } from '../../../shared/yaml-file/read-text-file.ts';
import { safeJson } from '../../report/files/json.ts';
import { unwritable } from '../../report/files/unwritable.ts';

/** Known findings of a project where no other file is named. */
export const KNOWN_FILE = 'lastfin-known.json';

const text = z.string().min(1);
const day = z.iso.date({ error: 'must be a day such as 2027-01-31' });
const exception = {
  owner: text.describe('who will see to it'),
  reason: text.describe('why it may be there, such as the number of an issue'),
  expires: day.describe('last day on which it does not fail'),
};

const knownSchema = z.strictObject({
  known: z.literal(1).describe('version of this format'),
  findings: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.strictObject({
          ...exception,
          case: text.describe('a case in which it occurs'),
          message: z.string().optional().describe('the finding, for people'),
        }),
      ),
    )
    .describe('by target, then by identity')
    .default({}),
  quarantine: z.record(z.string(), z.strictObject(exception)).describe('flaky cases, by id').default({}),
});

/** Findings that are known and flaky cases in quarantine: neither fails a run until its day. */
export type KnownFile = z.output<typeof knownSchema>;
export type KnownFinding = KnownFile['findings'][string][string];
/** Author of an exception, its reason, and the day until which it holds. */
export type Exception = Pick<KnownFinding, 'owner' | 'reason' | 'expires'>;

/** Nothing is known. */
export function nothingKnown(): KnownFile {
  return { known: 1, findings: {}, quarantine: {} };
}

/**
 * Reads a file of known findings.
 *
 * @throws LastfinError `LASTFIN_KNOWN_INVALID` with file:line:column of each problem
 */
export function readKnown(file: string): KnownFile {
  let content: string;
  try {
    content = readTextFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LastfinError('LASTFIN_KNOWN_INVALID', `${file} cannot be read: ${why}`, {
      facts: { file },
      cause: error,
    });
  }
  return parseKnown(file, content);
}

/** Parses known findings; the pure part of {@link readKnown}. @throws LastfinError `LASTFIN_KNOWN_INVALID` */
export function parseKnown(file: string, content: string): KnownFile {
  return readChecked(file, content, { schema: knownSchema, meaning: placeholders }, 'LASTFIN_KNOWN_INVALID')
    .value;
}

/** Words that stand for a text that somebody has yet to write. */
const PLACEHOLDER = /^(?:[?.…-]+|todo\b.*|tbd|fixme\b.*|xxx|<.*>)$/i;

function placeholders({ findings, quarantine }: KnownFile): Issue[] {
  const all: [Issue['path'], Exception][] = [
    ...Object.entries(findings).flatMap(([target, some]) =>
      Object.entries(some).map(([id, one]): [Issue['path'], Exception] => [['findings', target, id], one]),
    ),
    ...Object.entries(quarantine).map(([id, one]): [Issue['path'], Exception] => [['quarantine', id], one]),
  ];
  return all.flatMap(([path, one]) =>
    (['owner', 'reason'] as const)
      .filter((key) => PLACEHOLDER.test(one[key].trim()))
      .map((key) => ({ path: [...path, key], message: `\`${key}\` is a placeholder: say ${SAY[key]}` })),
  );
}

const SAY = { owner: 'who will see to it', reason: 'why it may be there' };

/** Text of the file: sorted, so that a merge of two branches has few conflicts. */
export function formatKnown({ findings, quarantine }: KnownFile): string {
  const sorted = <T>(map: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const byTarget = Object.entries(findings)
    .filter(([, some]) => Object.keys(some).length > 0)
    .map(([target, some]) => [target, sorted(some)] as const);
  return `${safeJson({ known: 1, findings: sorted(Object.fromEntries(byTarget)), quarantine: sorted(quarantine) }, 2)}\n`;
}

/**
 * Writes known findings in one step: a full disk keeps what was there.
 *
 * @throws LastfinError `LASTFIN_OUTPUT`
 */
export async function writeKnown(file: string, known: KnownFile): Promise<void> {
  try {
    await writeWhole(file, formatKnown(known));
  } catch (error) {
    throw unwritable(`the known findings in ${file}`, error);
  }
}
