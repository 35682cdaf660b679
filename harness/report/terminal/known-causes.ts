import type { CaseResult } from '../../judge/verdict.ts';
import { causesIn } from '../case-causes.ts';
import { firstLine } from '../plain-text.ts';

/** Remembers which case was the first to show each cause, so that a cause is printed in full only once. */
export class KnownCauses {
  readonly #first = new Map<string, string>();

  /** Ids of the cases that have shown all causes of this one before; empty where one of them is new. */
  seenIn(result: CaseResult): string[] {
    const causes = causesOf(result);
    const known = causes.map((cause) => this.#first.get(cause));
    for (const cause of causes) if (!this.#first.has(cause)) this.#first.set(cause, result.id);
    return known.includes(undefined) ? [] : [...new Set(known.filter((id) => id !== undefined))];
  }
}

/** Fingerprints of the causes of a case; of one that the lab failed, its reason. */
function causesOf(result: CaseResult): string[] {
  if (result.verdict === 'error') return [`error ${firstLine(result.reason ?? '').replaceAll(/\d+/g, 'N')}`];
  return causesIn(result).causes.map(({ fingerprint }) => fingerprint);
}
