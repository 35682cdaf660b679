/** Kinds of file that a user or a run can give. */
export const KINDS = ['scenario', 'target', 'mutant', 'config', 'journal', 'report'] as const;
export type Kind = (typeof KINDS)[number];

/** Name of a file of each kind in a folder of its own. */
export const FILE_OF: Record<Kind, string> = {
  scenario: 'scenario.yaml',
  target: 'target.yaml',
  mutant: 'mutants/mutant.yaml',
  config: 'config.yaml',
  journal: 'journal.jsonl',
  report: 'latest/report.json',
};

/** Request to read a file. */
export type Order = { kind: Kind; folder: string };

/** Result of reading one file. */
export type Reading = {
  /** processor time, ms; wall time would include a busy machine's */
  took: number;
  /** peak of the process so far, in bytes */
  memory: number;
  /** text for the user: the error's message, or what is printed of the value */
  printed: string;
  /** code of the error; absent where the file was accepted */
  code?: string;
  /** stack of an error that lastfin does not throw on purpose */
  stack?: string;
};
