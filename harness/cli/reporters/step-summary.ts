import { existsSync, statSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';

import { type GithubOptions, MOST_SUMMARY } from '../../report/ci/github.ts';
import { unwritable } from '../../report/files/unwritable.ts';

/** The file that GitHub makes the summary of a step from; other commands of the step may have written to it before. */
export function stepSummary(file: string | undefined): Pick<GithubOptions, 'summary'> {
  if (file === undefined || file === '') return {};
  const present = (): number => (existsSync(file) ? statSync(file).size : 0);
  const append = async (text: string): Promise<void> => {
    try {
      await appendFile(file, text);
    } catch (error) {
      throw unwritable(`the summary of the step, ${file} (GITHUB_STEP_SUMMARY)`, error);
    }
  };
  return { summary: { most: () => MOST_SUMMARY - present(), append } };
}
