import { readdirSync } from 'node:fs';
import path from 'node:path';

import type { Argument, Option } from '@bomb.sh/tab';
import completion from '@bomb.sh/tab/commander';

import type { Command } from '../../../shared/vendor/commander.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';
import { FIDELITIES } from '../../fidelities.ts';
import { REPORTER_NAMES } from '../reporters/choice.ts';
import { selectCases } from '../../suite/select-cases.ts';

const SHIPPED = path.join(PACKAGE_ROOT, 'scenarios');

/**
 * Adds `complete`: with a shell's name it prints the script that the shell sources; the script then asks it what may stand at the
 * cursor. Beside commands and options these are case ids, areas, targets and mutants.
 *
 * @example
 * source <(lastfin complete bash)
 */
export function addCompletion(program: Command): void {
  if (process.argv[3] === 'bash') process.stdout.write(WITHOUT_BASH_COMPLETION);
  const root = completion(program);
  for (const name of ['run', 'list', 'validate']) {
    const command = root.commands.get(name);
    give(command?.options.get('case'), caseIds);
    give(command?.options.get('target'), targetNames);
    give(command?.arguments.get('paths'), areas);
  }
  give(root.commands.get('run')?.options.get('require-fidelity'), () => [...FIDELITIES]);
  give(root.commands.get('run')?.options.get('reporter'), () => REPORTER_NAMES);
  give(root.commands.get('run')?.options.get('toxiproxy'), () => ['embedded', 'real']);
  give(root.commands.get('mutants')?.arguments.get('ids'), () => yamlNames(path.join(SHIPPED, 'mutants')));
}

/** Replacement for a function of bash-completion, without which the script would complete nothing. */
const WITHOUT_BASH_COMPLETION = `if ! declare -F _get_comp_words_by_ref > /dev/null; then
  _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=\${words[cword]} prev=\${words[cword - 1]}
  }
fi
`;

function give(place: Option | Argument | undefined, values: () => string[]): void {
  if (place === undefined) return;
  place.handler = (complete: (value: string, description: string) => void) => {
    for (const value of values()) complete(value, '');
  };
}

/** Ids of all cases; none where a scenario file is invalid: a completion is no place for errors. */
function caseIds(): string[] {
  try {
    return selectCases([], { asWritten: true }).map(({ testCase }) => testCase.id);
  } catch {
    return [];
  }
}

function areas(): string[] {
  return [...new Set(caseIds().flatMap((id) => id.split('/')[0] ?? []))];
}

function targetNames(): string[] {
  const own = yamlNames('.').map((name) => `${name}.yaml`);
  return [...own, ...yamlNames(path.join(SHIPPED, 'targets'))];
}

function yamlNames(folder: string): string[] {
  return readdirSync(folder).flatMap((file) =>
    file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : [],
  );
}
