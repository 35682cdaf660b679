import { existsSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';

/** Names that `--reporter` takes, and what each writes. */
export const REPORTERS = {
  terminal: 'for people, as the run goes on (default)',
  dot: 'a character a case, then the causes',
  agent: 'the causes in few words, for coding agents (default where one runs lastfin)',
  github: 'annotations and the summary of the step (on by itself in GitHub Actions)',
  json: 'the report, as in report.json',
  junit: 'JUnit XML, as in junit.xml',
  sarif: 'SARIF 2.1.0, for code scanning',
  gitlab: 'Code Quality of GitLab',
  ctrf: 'Common Test Report Format',
  markdown: 'Markdown, for comments and wikis',
  tap: 'TAP 14',
  trace: 'what happened against time, for ui.perfetto.dev',
  silent: 'nothing',
} as const;

export type ReporterName = keyof typeof REPORTERS;

export const REPORTER_NAMES = Object.keys(REPORTERS) as ReporterName[];

/** Value of `--reporter`: a known reporter or the user's own module, to stdout or to a file. */
export type ReporterChoice = ({ name: ReporterName } | { module: string }) & { path?: string };

/** Reporters whose output has no place in a file. */
const WITHOUT_FILE: ReadonlySet<ReporterName> = new Set(['github', 'silent']);
const MODULE = /\.[cm]?[jt]s$/;

/**
 * Adds the choices in one value of `--reporter`, separated by commas: a name or a module's path, each with `=FILE` where it is to write a
 * file of its own.
 *
 * @throws LastfinError `LASTFIN_USAGE` for an unknown name, an empty path, or a reporter that writes no file
 */
export function reporterChoices(value: string, before: readonly ReporterChoice[] = []): ReporterChoice[] {
  const choices = [...before];
  for (const part of value.split(',')) {
    const choice = choiceOf(part.trim());
    if (!choices.some((one) => describe(one) === describe(choice))) choices.push(choice);
  }
  return choices;
}

function choiceOf(text: string): ReporterChoice {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const path = equals === -1 ? undefined : text.slice(equals + 1);
  if (path === '') {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--reporter ${text}: a path is missing after \`=\`, such as \`${name}=out.txt\``,
    );
  }
  const to = path === undefined ? {} : { path };
  if (MODULE.test(name)) return { module: name, ...to };
  const meant = name === 'none' ? 'silent' : name;
  const known = REPORTER_NAMES.find((one) => one === meant);
  if (known === undefined) {
    const hint = name.includes('/') || existsSync(name) ? '; paths stand before the options' : '';
    throw new LastfinError(
      'LASTFIN_USAGE',
      `no reporter \`${name}\`${suggestion(name, REPORTER_NAMES)}${hint}`,
    );
  }
  if (path !== undefined && WITHOUT_FILE.has(known))
    throw new LastfinError('LASTFIN_USAGE', `--reporter ${text}: \`${known}\` writes no file`);
  return { name: known, ...to };
}

/** A choice as the user wrote it. */
export function describe(choice: ReporterChoice): string {
  const what = 'name' in choice ? choice.name : choice.module;
  return choice.path === undefined ? what : `${what}=${choice.path}`;
}
