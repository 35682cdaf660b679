import type { Recorder } from '../journal/recorder.ts';
import type { Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/case.ts';
import type { CaseLab } from './case-lab/case-lab.ts';

/** Everything that the phases of one case share: the first parameter of each phase. */
export type CaseContext = {
  case: Case;
  lab: CaseLab;
  /** writes the journal */
  recorder: Recorder;
  /** sample of the target after the warm-up: whatever exceeds it later has grown */
  baseline: Sample;
  /** fingerprints of what has stayed open for all the time that there is: a later round does not wait for it again */
  lasting?: ReadonlySet<string>;
  /** aborted when the run is interrupted or the target has exited: the phase rejects with its reason */
  signal: AbortSignal;
};

/** Context of a phase before the baseline is taken, or of one that compares nothing with it. */
export type ContextBeforeBaseline = Omit<CaseContext, 'baseline'>;
