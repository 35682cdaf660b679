import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Roots } from '../../report/ci/repository-path.ts';
import type { ReporterChoice } from './choice.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that coding agents set in the processes that they start; `AI_AGENT` is the one that they agree on. */
const AGENTS = [
  'AI_AGENT',
  'AUGMENT_AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE',
  'CODEX_SANDBOX',
  'CODEX_THREAD_ID',
  'COPILOT_AGENT',
  'COPILOT_CLI',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'GOOSE_PROVIDER',
  'JUNIE_DATA',
  'JUNIE_SHIM_PATH',
  'OPENCODE',
  'REPL_ID',
] as const;

/** Variables by which CI systems name the folder of the checkout. */
const CHECKOUTS = [
  'GITHUB_WORKSPACE',
  'CI_PROJECT_DIR',
  'WORKSPACE',
  'BUILDKITE_BUILD_CHECKOUT_PATH',
  'BUILD_SOURCESDIRECTORY',
] as const;

/** Variables that decide which reporters there are without `--reporter`. */
export const REPORTER_VARIABLES: readonly string[] = ['GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY', ...AGENTS];

/**
 * Reporters of a run without `--reporter`: the terminal's, or few words where a coding agent reads; and GitHub's in its runners.
 *
 * @param talkative whether the user asked for more or less by `-v` or `-q`, which are the terminal's
 */
export function defaultReporters(env: Environment, talkative: boolean): ReporterChoice[] {
  const isAgent = AGENTS.some((name) => isSet(env[name]));
  return [
    { name: isAgent && !talkative ? 'agent' : 'terminal' },
    ...(env['GITHUB_ACTIONS'] === 'true' ? [{ name: 'github' } as const] : []),
  ];
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

/** Folders that paths are relative to: that of the process, and the root of its repository, or itself where there is none. */
export function rootsOf(env: Environment, cwd: string): Roots {
  for (const name of CHECKOUTS) {
    const root = env[name];
    if (isSet(root) && isWithin(cwd, root ?? '')) return { cwd, root: root ?? '' };
  }
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return { cwd, root: folder };
    if (path.dirname(folder) === folder) return { cwd, root: cwd };
  }
}

function isWithin(folder: string, root: string): boolean {
  return path.isAbsolute(root) && !path.relative(root, folder).startsWith('..');
}
