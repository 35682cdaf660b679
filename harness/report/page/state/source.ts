import type { CaseData, RunData } from '../../html/run-data.ts';
import { inflate } from './inflate.ts';

/** Place where the data of the page comes from: the file itself, or a run that goes on. */
export type Source = {
  run: () => Promise<RunData>;
  /** data of the case at this place in the list */
  caseOf: (index: number, id: string) => Promise<CaseData>;
};

/** Data in the file. */
const EMBEDDED: Source = {
  run: () => inflate(textOf('run')),
  caseOf: (index) => inflate(textOf(`case-${index}`)),
};

/** Data of a run that goes on, asked for where the page came from. */
const LIVE: Source = {
  run: () => ask('run'),
  caseOf: (_, id) => ask(`case?${new URLSearchParams({ id }).toString()}`),
};

/** Whether the page came from a run that goes on: then there is no data in it. */
export const isLive = (): boolean => document.querySelector('#run') === null;

export const source = (): Source => (isLive() ? LIVE : EMBEDDED);

function textOf(id: string): string {
  return document.querySelector(`#${id}`)?.textContent ?? '';
}

async function ask<T>(what: string): Promise<T> {
  const answer = await fetch(what);
  if (!answer.ok) throw new Error(`the run does not answer any more (${answer.status})`);
  return (await answer.json()) as T;
}
