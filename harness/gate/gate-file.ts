import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import * as z from '../../shared/vendor/zod.ts';
import { readChecked } from '../../shared/yaml-file/read-checked.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import { bytes, duration } from '../../shared/yaml-file/values/scalar-fields.ts';
import { FIDELITIES } from '../fidelities.ts';
import { FINDING_KINDS } from '../resource.ts';

/** Thresholds of a project where no other file is named. */
export const GATE_FILE = 'lastfin-gate.yaml';

const count = z.int().min(0);
const DAY = 86_400_000;
const time = duration(0, DAY, 'up to 24h');

const gateSchema = z.strictObject({
  findings: z
    .partialRecord(z.enum([...FINDING_KINDS, 'other']), count)
    .default({})
    .describe(
      'most findings that are not known, by kind; `other`: of all kinds that are not named, by default 0',
    ),
  flaky: count.optional().describe('most flaky cases that are not in quarantine, by default 0'),
  skipped: count.optional().describe('most cases that could not run on this machine'),
  notApplicable: count.optional().describe('most cases that do not apply to the target'),
  ran: count.optional().describe('fewest cases that must have run, by default 1'),
  drain: z
    .strictObject({ p50: time.optional(), p99: time.optional() })
    .default({})
    .describe('longest time until the target is back at its baseline, over all cases'),
  fidelity: z.enum(FIDELITIES).optional().describe('lowest fidelity that a case with faults may have'),
  memory: z
    .strictObject({ perConnection: bytes.optional() })
    .default({})
    .describe("most growth of the target's memory, where a case watches it"),
  known: z
    .strictObject({
      most: count.optional().describe('most known findings'),
      gone: count.optional().describe('most of them that no longer occur and are to be pruned'),
    })
    .default({}),
  quarantine: z.strictObject({ most: count.optional().describe('most cases in quarantine') }).default({}),
});

/** Thresholds that a report must keep; without a bound a figure may be anything. */
export type Gate = z.output<typeof gateSchema>;

/** Thresholds of a project that names none: nothing new, nothing flaky. */
export function noThresholds(): Gate {
  return { findings: {}, drain: {}, memory: {}, known: {}, quarantine: {} };
}

/**
 * Reads thresholds.
 *
 * @throws LastfinError `LASTFIN_GATE_INVALID` with file:line:column of each problem
 */
export function readGate(file: string): Gate {
  let text: string;
  try {
    text = readTextFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LastfinError('LASTFIN_GATE_INVALID', `${file} cannot be read: ${why}`, {
      facts: { file },
      cause: error,
    });
  }
  // a file of comments sets no threshold
  const setsNothing = text.split('\n').every((one) => /^\s*(?:#.*)?$/.test(one));
  const content = setsNothing ? '{}' : text;
  return readChecked(file, content, { schema: gateSchema }, 'LASTFIN_GATE_INVALID').value;
}

/**
 * JSON Schema of a file of thresholds, for editors.
 *
 * @example
 * JSON.stringify(gateJsonSchema(), null, 2);
 */
export function gateJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(gateSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { $id: 'urn:lastfin:schema:gate:1', ...schema, title: 'lastfin gate' };
}
