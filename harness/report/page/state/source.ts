import type { CaseData, RunData } from '../../html/run-data.ts';
import { inflate } from './inflate.ts';

/** Whether the page came from a run that goes on: then there is no data in it. */
export const isLive = (): boolean => document.querySelector('#run') === null;

/** Overview in the file. */
export const embeddedRun = (): Promise<RunData> => inflate(textOf('run'));

/** Data of a case: from the file, by its place in the list, or from the run that goes on. */
export async function openCase(index: number, id: string): Promise<CaseData> {
  if (!isLive()) return inflate(textOf(`case-${index}`));
  const answer = await fetch(`case?${new URLSearchParams({ id }).toString()}`);
  if (!answer.ok) throw new Error(`the run does not know it (${answer.status})`);
  return (await answer.json()) as CaseData;
}

function textOf(id: string): string {
  return document.querySelector(`#${id}`)?.textContent ?? '';
}
