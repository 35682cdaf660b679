import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  fsyncSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import * as z from '../../shared/vendor/zod.ts';
import { writeWhole } from '../../shared/write-whole.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import { safeJson } from '../report/files/json.ts';
import { unwritable } from '../report/files/unwritable.ts';
import { countVerdicts, type RunReport } from '../report/run-report.ts';
import { percentile } from '../../shared/series/percentile.ts';

/** Runs that are kept; the oldest go first. */
const MOST_RUNS = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Ids of flaky cases that a line holds. */
const MOST_FLAKY = 50;

const count = z.int().min(0);
const line = z.looseObject({
  history: z.literal(1),
  started: z.string(),
  lastfin: z.string(),
  node: z.string(),
  commit: z.string().optional(),
  targets: z.array(z.string()),
  seed: z.number(),
  counts: z.object({ passed: count, failed: count, flaky: count, skipped: count, error: count }),
  causes: count,
  flaky: z.array(z.string()),
  drain: z.object({ p50: z.number(), p99: z.number() }).optional(),
  memoryEach: z.number().optional(),
  took: z.number(),
});

/** A run in the history: times in ms, memory in bytes per connection. */
export type HistoryLine = z.output<typeof line>;

/** File of the history in a reports folder. */
export function historyFile(out: string): string {
  return path.join(out, 'history.jsonl');
}

/** Line of the history for a run. */
export function historyLine(report: RunReport, commit: string | undefined): HistoryLine {
  const { results } = report;
  const drains = results.flatMap(({ drain }) => drain ?? []);
  const [p50, p99] = [percentile(drains, 0.5), percentile(drains, 0.99)];
  const memory = results.flatMap(({ memoryEach }) => memoryEach ?? []);
  return {
    history: 1,
    started: report.started,
    lastfin: report.lastfin,
    node: report.node,
    ...(commit === undefined ? {} : { commit }),
    targets: [...new Set(results.map(({ target }) => target))],
    seed: report.seed,
    counts: countVerdicts(results),
    causes: report.causes.length,
    flaky: results
      .filter(({ verdict }) => verdict === 'flaky')
      .map(({ id }) => id)
      .slice(0, MOST_FLAKY),
    ...(p50 === undefined || p99 === undefined ? {} : { drain: { p50, p99 } }),
    ...(memory.length === 0 ? {} : { memoryEach: Math.max(...memory) }),
    took: report.took,
  };
}

/**
 * Reads a history, the oldest run first; empty where there is none.
 *
 * @throws LastfinError `LASTFIN_HISTORY_INVALID` with the line that is broken
 */
export function readHistory(file: string): HistoryLine[] {
  if (!existsSync(file)) return [];
  let text: string;
  try {
    text = readTextFile(file, { most: MOST_BYTES });
  } catch (error) {
    throw invalid(file, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.pop() !== '') throw invalid(`${file}:${lines.length + 1}`, 'the last line is cut off');
  return lines.map((one, index) => lineOf(one, `${file}:${index + 1}`));
}

function lineOf(text: string, place: string): HistoryLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(place, 'is no line of JSON');
  }
  const { data, error } = line.safeParse(value);
  if (data !== undefined) return data;
  const key = error.issues[0]?.path.join('.') ?? '';
  throw invalid(place, key === 'history' ? 'is of another version than 1' : `has no valid \`${key}\``);
}

function invalid(place: string, problem: string): LastfinError {
  return new LastfinError('LASTFIN_HISTORY_INVALID', `${place} ${problem}`, { facts: { place } });
}

/**
 * Appends a run to a history. A broken history is left as it is; a full disk leaves no half of a line.
 *
 * @throws LastfinError `LASTFIN_HISTORY_INVALID`, `LASTFIN_OUTPUT`
 */
export async function appendHistory(file: string, next: HistoryLine): Promise<void> {
  const before = readHistory(file);
  try {
    if (before.length < MOST_RUNS) append(file, `${safeJson(next)}\n`);
    else {
      const kept = [...before.slice(1 - MOST_RUNS), next];
      await writeWhole(file, kept.map((one) => `${safeJson(one)}\n`).join(''));
    }
  } catch (error) {
    throw unwritable(`the history in ${file}`, error);
  }
}

function append(file: string, text: string): void {
  const descriptor = openSync(file, 'a');
  const { size } = fstatSync(descriptor);
  try {
    const bytes = Buffer.from(text);
    if (writeSync(descriptor, bytes) < bytes.length)
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    fsyncSync(descriptor);
  } catch (error) {
    ftruncateSync(descriptor, size);
    if (size === 0) rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
