import type { Ignored, Position, WarningSeen } from '../probe/protocol.ts';
import type { Want } from '../want.ts';
import type { LeakResource } from '../resource.ts';
import type { Fidelity, SocketSide } from '../scenario/trigger.ts';
import type { Kind } from '../scenario/suite.ts';

/** passed, failed (findings), flaky (failed, then passed on a retry), skipped (with the reason), error (the lab failed) */
export type Verdict = 'passed' | 'failed' | 'flaky' | 'skipped' | 'error';

/** What keeps a target alive that was told to stop; `times`: where there are several alike. */
export type KeptAlive = { what: string; where: Position[]; times?: number };

/** One thing that is wrong. */
export type Finding = {
  message: string;
  /** the same for the same mistake in every run and case: no counts, ports, ids or names of scenarios */
  fingerprint: string;
  /** fingerprint of the finding of this case that it is a consequence of; absent where it is a cause itself */
  follows?: string;
} & (
  | {
      kind: 'leak';
      /** `record`: a gauge the target publishes; `kernel-state`: by the OS's own count */
      resource: LeakResource;
      count: number;
      where: Position[];
      sample: string;
      path?: string;
      alsoRetains?: number;
      /** `peer-held` cleared when the peers let go: the target bounds nothing itself; `hard` stayed; `bounded` ends by itself, but too late */
      hold: 'hard' | 'peer-held' | 'bounded';
    }
  | { kind: 'termination'; side: SocketSide; reason: string; expected: string; actual: number }
  | { kind: 'seen'; actor: 'client' | 'upstream'; seen: string; expected: string; actual: number }
  /**
   * a law of the design broken: accepted = Σ reasons + active, exactly one end, bytes in = bytes out, log = counter,
   * a PROXY header announces the connection's own client
   */
  | {
      kind: 'law';
      law: 'conservation' | 'one-end' | 'bytes' | 'log' | 'announced' | 'figures';
      detail: string;
    }
  | { kind: 'step'; actor: 'client' | 'upstream'; step: string; connections: number }
  /** new connections were not served once all faults had been healed */
  | { kind: 'recovery'; asked: number; served: number }
  /** a fault was less real than the run requires; `actual` is absent where it could not be made at all */
  | { kind: 'fidelity'; fault: string; required: Fidelity; actual?: Fidelity }
  | { kind: 'drain'; took: number; limit: number }
  /** the target died, or would not exit when told to */
  | {
      kind: 'crash';
      code: number | null;
      signal: string | null;
      /** the line that its stack trace names, if it names one of the program's */
      where: Position[];
      stderr: string;
    }
  | { kind: 'no-exit'; grace: number; alive: KeptAlive[]; why?: string }
  /** the target kept the harness from looking at it: it does not answer, or has broken the probe's connection */
  | { kind: 'obstruction'; detail: string }
);

/** A finding that the target file excuses, and why. */
export type Excused = { reason: string; finding: Finding };

/** What the judge says of one case. Plain JSON, pure function of the journal. */
export type CaseResult = {
  id: string;
  scenario: string;
  cell: Record<string, string>;
  about: string;
  source: { file: string; line: number; column: number };
  target: string;
  /** connections of the judged round; absent where the case is not known */
  connections?: number;
  seed: number;
  /** universal, contract, or a scenario of the user's own */
  kind?: Kind;
  verdict: Verdict;
  /** why it was skipped or what failed in the lab */
  reason?: string;
  /** what the machine lacks for a skipped case, and the command or change that adds it */
  want?: Want;
  findings: Finding[];
  /** findings that the target file excuses: the case passes if nothing else is wrong */
  excused?: Excused[];
  /** ms; absent where it never got that far */
  drain?: number;
  /** wall time of the case, ms */
  took: number;
  /** what ended how: deltas of the judged round */
  terminations: { incoming: Record<string, number>; outgoing: Record<string, number> };
  /** how many connections of the judged round each actor saw end in which way; absent where the round never ran */
  seen?: { client: Record<string, number>; upstream: Record<string, number> };
  /** ms that were let pass inside the target, and what there has a clock of its own and did not notice */
  advanced?: { ms: number; notShifted: string[] };
  /** what was left behind and excused by a rule of the target file */
  ignored?: Ignored[];
  /** lowest fidelity of the faults that were applied; absent without faults */
  fidelity?: 'kernel' | 'wire' | 'toxiproxy' | 'simulated';
  /** the network that it stood on; absent where there was none for it */
  lab?: 'none' | 'single' | 'hosts' | 'routed';
  /** what could not be seen of the target, and why; absent where all was */
  blind?: string[];
  /** warnings of Node that tell of leaks; absent where there were none */
  warnings?: WarningSeen[];
  /** why bytes were not judged: the target is no transparent pipe; absent where they were */
  opaque?: string;
  /** how often it was run, where that was more than once */
  attempts?: number;
};

export type Leak = Extract<Finding, { kind: 'leak' }>;
