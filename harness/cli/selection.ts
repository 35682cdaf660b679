import path from 'node:path';

import { Option } from '../../vendor/commander.ts';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import { suggestion } from '../../yaml-file/did-you-mean.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import type { Case } from '../scenario/scenario.ts';
import { fitCase } from '../target/fit-case.ts';
import { loadTarget, type Target, targetLookup } from '../target/target-file.ts';

/** Options that say which cases; shared by the commands that select some. */
export type Selection = { root: string; case: string[]; target?: string; seed: number };

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new LastfinError('LASTFIN_USAGE', `a whole number of at least 1 is needed, not \`${value}\``);
  }
  return number;
}

function seedOf(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new LastfinError('LASTFIN_USAGE', `the seed is a whole number of at least 0, not \`${value}\``);
  }
  return number;
}

/** Options made anew for each command: commander keeps state in them. */
export function selectionOptions(): Option[] {
  return [
    new Option('--root <folder>', 'the scenarios root: ids are paths below it').default('scenarios'),
    new Option('-c, --case <id...>', 'only these cases; `*` stands for any text').default([], 'all'),
    new Option('-t, --target <name-or-file>', 'run on this target instead of the one each scenario names'),
    new Option('-s, --seed <n>', 'the same seed gives the same run').argParser(seedOf).default(1),
  ];
}

export type Selected = { cases: Case[]; targetOf: (plan: Case) => Target };

/**
 * Loads the scenarios and targets that the options ask for.
 *
 * @throws LastfinError `LASTFIN_SCENARIO_INVALID`, `LASTFIN_TARGET_INVALID`, or `LASTFIN_USAGE` when nothing is selected
 */
export function select(paths: readonly string[], options: Selection): Selected {
  const { root, seed } = options;
  const all = loadScenarios(paths, { root, seed, targets: targetLookup({ root }) });
  const chosen = options.case.length === 0 ? all : chooseCases(all, options.case);
  if (chosen.length === 0) throw new LastfinError('LASTFIN_USAGE', `no scenarios in ${where(paths, root)}`);
  const { target } = options;
  const named = chosen.map((plan) => ({ plan, name: target ?? plan.target }));
  const targets = new Map(
    [...new Set(named.map(({ name }) => name))].map((name) => [name, loadTarget(name, { root })]),
  );
  const cases = named.map(({ plan, name }) => fitCase(plan, name, targets.get(name) as Target));
  return { cases, targetOf: (plan) => targets.get(plan.target) as Target };
}

function chooseCases(all: readonly Case[], patterns: readonly string[]): Case[] {
  const ids = all.map(({ id }) => id);
  const wanted = new Set<string>();
  for (const pattern of patterns) {
    const matching = ids.filter(casePattern(pattern));
    if (matching.length === 0) {
      throw new LastfinError(
        'LASTFIN_USAGE',
        `no case \`${pattern}\`${suggestion(pattern, ids)}; \`lastfin list\` names them all`,
      );
    }
    for (const id of matching) wanted.add(id);
  }
  return all.filter(({ id }) => wanted.has(id));
}

function where(paths: readonly string[], root: string): string {
  return (paths.length > 0 ? paths : [root]).map((one) => path.relative('', one) || '.').join(', ');
}
