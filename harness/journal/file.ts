import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Entry } from './entry.ts';
import { readLines as linesOf } from '../../shared/read-lines.ts';
import { entryProblem, isEntry } from './schema.ts';
import { safeName } from './safe-name.ts';

/** Path of a case's journal below the folder of its report; the second attempt's name ends in `.2.jsonl`. */
export function journalPath(caseId: string, attempt = 1): string {
  return path.join('journal', `${safeName(caseId)}${attempt === 1 ? '' : `.${attempt}`}.jsonl`);
}

/**
 * A journal on disk, one JSON line an entry. Each entry is handed to the system at once: what a killed harness has seen is there.
 *
 * @example
 * const file = new JournalFile('reports/runs/2026-01-02T03-04-05.678Z', plan.id);
 * file.append(entry);
 * file.close();
 */
export class JournalFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(folder: string, caseId: string, attempt = 1) {
    this.path = path.join(folder, journalPath(caseId, attempt));
    mkdirSync(path.dirname(this.path), { recursive: true });
    this.#descriptor = openSync(this.path, 'a');
  }

  append(entry: Entry): void {
    writeSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Writes a whole journal; returns its path below `folder`. */
export function writeJournal(folder: string, caseId: string, entries: readonly Entry[], attempt = 1): string {
  const file = new JournalFile(folder, caseId, attempt);
  try {
    for (const entry of entries) file.append(entry);
  } catch (error) {
    // a journal that was cut, or is empty, looks like one that was never finished
    rmSync(file.path, { force: true });
    throw error;
  } finally {
    file.close();
  }
  return journalPath(caseId, attempt);
}

/**
 * Reads a stored journal.
 *
 * @throws LastfinError `LASTFIN_JOURNAL_INVALID` with `file` and `line` (1-based) as facts
 * @example
 * import { judge, readJournal } from 'lastfin';
 *
 * judge(await readJournal('reports/latest/journal/faults_client-reset-1a2b3c4d.jsonl'));
 */
export async function readJournal(file: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const line of linesOf(file)) entries.push(readLine(file, entries.length + 1, line));
  } catch (error) {
    if (error instanceof LastfinError) throw error;
    throw new LastfinError(
      'LASTFIN_JOURNAL_INVALID',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        facts: { file },
        cause: error,
      },
    );
  }
  if (entries[0]?.type === 'case') return entries;
  throw invalid(file, 1, entries.length === 0 ? 'the journal is empty' : 'a journal begins with its case');
}

function readLine(file: string, line: number, text: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, line, 'not a line of JSON; the journal may have been cut short', error);
  }
  if (isEntry(value)) return value;
  throw invalid(file, line, entryProblem(value) ?? 'not a journal entry');
}

function invalid(file: string, line: number, problem: string, cause?: unknown): LastfinError {
  return new LastfinError('LASTFIN_JOURNAL_INVALID', `${file}:${line}: ${problem}`, {
    facts: { file, line },
    cause,
  });
}
