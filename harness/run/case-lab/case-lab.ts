import type { ReadConnecting, ReadRecords } from '../../actors/round-services.ts';
import type { SampleExchange } from '../../actors/warm-up-script.ts';
import type { FaultContext } from '../../faults/fault-context.ts';
import type { Recorder } from '../../journal/recorder.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { Teardown } from '../../lab/teardown.ts';
import type { Probe } from '../../probe/host/probe.ts';
import type { Observer } from '../../probe/observer.ts';
import type { Case } from '../../scenario/case.ts';
import type { Target } from '../../targets/file/target.ts';
import type { EvidenceOrder } from '../evidence/evidence-order.ts';
import type { Explain } from '../explain.ts';
import type { RunningTarget } from '../../targets/process/attached-target.ts';
import type { Series } from '../series/series.ts';
import type { RelativePositions } from './relative-positions.ts';
import type { SharedLab } from './shared-lab.ts';

/** The target of a case, and everything that looks at it. */
export type TargetInLab = {
  target: RunningTarget;
  /** all that looks at the target, joined */
  observer: Observer;
  /** the probe inside a Node target */
  probe?: Probe;
};

/** The lab of one case: actors, links, the target and the probe in it. */
export type CaseLab = FaultContext &
  TargetInLab & {
    readRecords: ReadRecords;
    readConnecting: ReadConnecting;
    /** the exchange of warm-up and recovery */
    exchange: SampleExchange;
    /** whether the kernel holds connections that the target has not accepted; false where the system does not tell */
    acceptsPending: () => boolean;
    /** why the target cannot be tried with the case's IP version, seen once it is ready */
    withoutFamily: string | undefined;
    positions: RelativePositions;
    /** light looks at the target, for reports */
    series: Series;
    /** files that the case is to leave */
    evidence: EvidenceOrder | undefined;
    /** why the target is known to be no transparent pipe */
    opaque?: string;
    /** answers of the target do not end, as the warm-up has shown */
    streamsAnswers?: boolean;
  };

export type CaseLabOptions = {
  case: Case;
  target: Target;
  shared: SharedLab;
  network: NetworkKind;
  recorder: Recorder;
  teardown: Teardown;
  signal: AbortSignal;
  /** folder that positions in findings are relative to */
  base: string;
  /** files that the case is to leave */
  evidence?: EvidenceOrder | undefined;
  explain: Explain | undefined;
};
