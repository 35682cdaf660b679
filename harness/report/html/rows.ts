import { causesIn } from '../case-causes.ts';
import { firstLine, plainLine } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { Row } from './run-data.ts';

const LONGEST_NOTE = 240;

/** Row of a case. */
export function rowOf(result: ReportedCase): Row {
  const { id, scenario, cell, verdict, took, drain, connections, fidelity, target, attempts } = result;
  const { causes } = causesIn(result);
  const text = causes[0] === undefined ? firstLine(result.reason ?? '') : plainLine(causes[0].message);
  return {
    id,
    scenario,
    cell,
    verdict,
    took,
    target,
    ...(drain === undefined ? {} : { drain }),
    ...(connections === undefined ? {} : { connections }),
    ...(fidelity === undefined ? {} : { fidelity }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(text === '' ? {} : { note: text.slice(0, LONGEST_NOTE) }),
    kinds: [...new Set(result.findings.map(({ kind }) => kind))],
    fingerprints: result.findings.map(({ fingerprint }) => fingerprint),
  };
}
