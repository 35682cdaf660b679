import path from 'node:path';

import type { CaseResult } from '../judge/verdict.ts';
import { caseSeed } from '../scenario/load/case-seed.ts';
import type { Case } from '../scenario/case.ts';
import { hasRun, type Ran } from './coverage.ts';
import type { Mutation } from './mutations.ts';

/** A case, its duration (ms), and the parts of the unchanged proxy's sources that it runs. */
export type Reached<T> = { one: T; took: number; ran: ReadonlyMap<string, Ran> };

/** Outcome of one mutation. */
export type GeneratedResult = {
  mutation: Mutation;
  /** unreached: no case runs the place at all */
  outcome: 'noticed' | 'survived' | 'unreached';
  by?: { case: string; message: string };
  /** cases that were run */
  cases: number;
  /** cases that run the place */
  reaching: number;
};

/** Picks some mutations; the same ones for the same seed. */
export function sampleOf(mutations: readonly Mutation[], count: number, seed: number): Mutation[] {
  const key = ({ file, start, text }: Mutation): number => caseSeed(seed, `${file} ${start} ${text}`);
  return mutations.toSorted((one, other) => key(one) - key(other)).slice(0, count);
}

/**
 * Cases that run a mutation's place, no more than `most`: first those that are named like its file, such as `tls/second-hello` for
 * `second-hello.ts`, then the quickest of each route in turn.
 */
export function casesFor<T extends { testCase: Pick<Case, 'id' | 'route' | 'target'> }>(
  { file, start }: Pick<Mutation, 'file' | 'start'>,
  reached: readonly Reached<T>[],
  most: number,
): { chosen: T[]; reaching: number } {
  const reaching = reached
    .filter(({ ran }) => hasRun(ran.get(file), start))
    .toSorted((one, other) => one.took - other.took)
    .map(({ one }) => one);
  const name = path.basename(file, '.ts');
  const named = reaching.filter(({ testCase }) => testCase.id.includes(name));
  const routes = new Map<string, T[]>();
  for (const one of reaching) {
    const key = `${one.testCase.target} ${one.testCase.route}`;
    routes.set(key, [...(routes.get(key) ?? []), one]);
  }
  const longest = Math.max(0, ...[...routes.values()].map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, turn) =>
    [...routes.values()].flatMap((cases) => cases.slice(turn, turn + 1)),
  ).flat();
  return { chosen: [...new Set([...named, ...inTurn])].slice(0, most), reaching: reaching.length };
}

/**
 * Runs cases against a mutation until one fails, and fails again: a busy machine must not look like a suite that notices.
 *
 * @param until time (`performance.now()`) at which no more cases are begun
 */
export async function huntMutation<T extends { testCase: Pick<Case, 'id'> }>(
  mutation: Mutation,
  { chosen, reaching }: { chosen: readonly T[]; reaching: number },
  until: number,
  run: (one: T) => Promise<CaseResult>,
): Promise<GeneratedResult> {
  if (reaching === 0) return { mutation, outcome: 'unreached', cases: 0, reaching };
  let cases = 0;
  for (const one of chosen) {
    if (performance.now() > until) break;
    cases++;
    if (isFine(await run(one))) continue;
    const again = await run(one);
    if (isFine(again)) continue;
    const message = again.findings[0]?.message ?? again.reason ?? again.verdict;
    return { mutation, outcome: 'noticed', by: { case: one.testCase.id, message }, cases, reaching };
  }
  return { mutation, outcome: 'survived', cases, reaching };
}

const isFine = ({ verdict }: CaseResult): boolean => verdict === 'passed' || verdict === 'skipped';
