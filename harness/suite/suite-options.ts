import { availableParallelism } from 'node:os';

import type { CaseResult } from '../judge/verdict.ts';
import type { LabMode } from '../lab/lab-mode.ts';
import type { Fidelity } from '../scenario/trigger.ts';
import type { Shard } from '../report/run-report.ts';
import type { EvidenceOptions } from './evidence-files.ts';
import type { ChosenCase } from './chosen-case.ts';

/** Cases to run, and how. */
export type SuiteOptions = {
  /** cases with their targets, as `selectCases` gives them */
  cases: readonly ChosenCase[];
  /** seed of the Toxiproxy's jitter, and of the report; that of the cases is given to `selectCases`; default: 1 */
  seed?: number;
  /** cases under way at once; default: two a core and two more; always 1 with `pid` */
  jobs?: number;
  /** times that each case is run; default: 1 */
  repeat?: number;
  /** times that a failing case is run again; default: 0 */
  retries?: number;
  /** most failed cases that are tried once more at the end, with nothing beside them; more failures are no flakes; default: 0 */
  alone?: number;
  /** ms for which all cases are run again and again; absent: each as often as `repeat` says */
  stress?: number;
  /** file of known findings: they do not fail the run until their day */
  known?: string;
  /** part of the suite to run, as one of several machines */
  shard?: Shard;
  /** ms that cases took in an earlier run, by id: the longest come first, and shards get equal sums */
  times?: ReadonlyMap<string, number>;
  /** number of failed cases after which no other is begun; default: all cases are run */
  bail?: number;
  /** lab in which cases run: `single` or `hosts` (network namespaces), `none` (the machine itself), or the best that works; default: `auto` */
  lab?: LabMode;
  /** `embedded`, `real` (the program of that name), or a URL; default: `embedded` */
  toxiproxy?: string;
  /** fail cases whose faults run below this fidelity although more is possible, or that are skipped for lack of it */
  requireFidelity?: Fidelity;
  /** a running process to look at in place of starting the target; its target file says `attach` */
  pid?: number;
  /** keep timelines of connections, counts and the target's output in the journals, for reports; verdicts do not depend on them; default: true */
  series?: boolean;
  /** evidence to keep beside the journals; default: none */
  evidence?: EvidenceOptions;
  /** ends the run: cases under way are taken down in order, and the finished ones are reported as `interrupted` */
  signal?: AbortSignal;
  /** command that runs just this case again, for the report */
  rerun?: (result: CaseResult) => string;
};

/** Default of `jobs`: cases wait for timers, drains and the kernel as much as they compute. */
export const DEFAULT_JOBS: number = 2 * availableParallelism() + 2;
