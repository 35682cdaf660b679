import type { Lacks } from '../../lab/machine.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { Case } from '../../scenario/case.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import type { Target } from '../../targets/file/target.ts';
import type { EvidenceOrder } from '../evidence/evidence-order.ts';
import type { LabMode } from '../../lab/lab-mode.ts';
import type { Entry, Phase } from '../../journal/entry.ts';

/** Options that all cases of one worker share. */
export type WorkerOptions = {
  seed: number;
  /** `embedded`, `real`, or the address of a running one; the first two are started on first use */
  toxiproxy: string;
  lab: LabMode;
  /** abilities that the machine does not have, as they were tried before the run */
  lacks: Lacks;
  /** faults that are less real than this, or than they can be at best, are findings */
  requireFidelity?: Fidelity;
  /** whether journals also have what only reports read: timelines, counts, output */
  series: boolean;
  /** lastfin's version */
  lastfin: string;
};

/** Messages from the harness to a worker; one case at a time. */
export type WorkerCommand =
  | { do: 'begin'; options: WorkerOptions }
  | {
      do: 'run';
      case: Case;
      target: Target;
      network: NetworkKind;
      base: string;
      evidence?: EvidenceOrder | undefined;
      explain?: 'lives' | undefined;
    }
  /** take down the case under way, in order */
  | { do: 'abort'; why: string }
  | { do: 'close' };

/** Messages from a worker to the harness. */
export type WorkerMessage =
  | { say: 'ready' }
  /** the worker cannot work here, such as without a folder for temporary files */
  | { say: 'unable'; why: string }
  /** a target has been started on the machine itself, where no namespace ends it with the worker */
  | { say: 'target'; pid: number }
  /** heartbeat, about once a second, whatever the case does */
  | { say: 'heartbeat' }
  | { say: 'phase'; phase: Phase }
  /** `spoilt`: the worker's namespace is not as it was before, so that no further case may run there */
  | { say: 'journal'; journal: Entry[]; spoilt: boolean }
  | { say: 'aborted' };

/** Interval of the heartbeats. ms */
export const HEARTBEAT = 1_000;
