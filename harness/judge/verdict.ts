import type { Ignored, Position, SocketLife, WarningSeen } from '../probe/protocol.ts';
import type { Want } from '../want.ts';
import type { LeakResource } from '../resource.ts';
import type { Fidelity, SocketSide } from '../scenario/trigger.ts';
import type { Kind } from '../scenario/suite.ts';

/** Verdict of a case: passed, failed (findings), flaky (failed, then passed on a retry), skipped (with the reason), error (the lab failed). */
export type Verdict = 'passed' | 'failed' | 'flaky' | 'skipped' | 'error';

/** Thing that keeps a stopped target alive; `times`: number of similar ones. */
export type KeptAlive = { what: string; where: Position[]; times?: number };

/** Exception that somebody made for a finding or a flaky case; `expired`: its last day was before the run, so it fails. */
export type Exempt = {
  owner: string;
  reason: string;
  /** last day, such as `2027-01-31` */ expires: string;
  expired?: true;
};

/** Mistake that was found in the target. */
export type Finding = {
  message: string;
  /** stable identity of the mistake: no counts, ports, ids or names of scenarios */
  fingerprint: string;
  /** identity for known findings and comparisons: holds when lines move; absent where it is the fingerprint */
  identity?: string;
  /** listed among the known findings, by itself or by its cause: it does not fail the run unless expired */
  known?: Exempt;
  /** fingerprint of the finding in this case from which it follows; absent for a cause */
  follows?: string;
  /** lives of the target's sockets behind it; absent for findings of other kinds, and where no run explained the case */
  lives?: SocketLife[];
} & (
  | {
      kind: 'leak';
      /** `record`: gauge that the target publishes; `kernel-state`: count of the operating system */
      resource: LeakResource;
      count: number;
      where: Position[];
      sample: string;
      path?: string;
      alsoRetains?: number;
      /** `peer-held`: gone when the peers let go, so the target itself bounds nothing; `hard`: stayed; `bounded`: ends by itself, but too late */
      hold: 'hard' | 'peer-held' | 'bounded';
    }
  | { kind: 'termination'; side: SocketSide; reason: string; expected: string; actual: number }
  | { kind: 'seen'; actor: 'client' | 'upstream'; seen: string; expected: string; actual: number }
  /**
   * an invariant is violated: accepted = Σ reasons + active, exactly one end, bytes in = bytes out, log = counter,
   * a PROXY header announces the connection's own client
   */
  | {
      kind: 'invariant';
      invariant: 'conservation' | 'one-end' | 'bytes' | 'log' | 'announced' | 'figures';
      detail: string;
    }
  | { kind: 'step'; actor: 'client' | 'upstream'; step: string; connections: number }
  /** new connections were not served after all faults had been healed */
  | { kind: 'recovery'; asked: number; served: number }
  /** more requests of the load failed than may, or its answers took longer: `actual` is a number of requests or ms */
  | { kind: 'load'; what: 'errors' | 'p99' | 'requests'; expected: string; actual: number }
  /** a fault was less real than the run requires; `actual` is absent if it could not be made at all */
  | { kind: 'fidelity'; fault: string; required: Fidelity; actual?: Fidelity }
  | { kind: 'drain'; took: number; limit: number }
  /** the target died, or would not exit when told to */
  | {
      kind: 'crash';
      code: number | null;
      signal: string | null;
      /** line of the program that its stack trace names, if any */
      where: Position[];
      stderr: string;
    }
  | { kind: 'no-exit'; grace: number; alive: KeptAlive[]; why?: string }
  /** the target kept the harness from looking at it: it does not answer, or broke the probe's connection */
  | { kind: 'obstruction'; detail: string }
);

/** Finding that the target file excuses, with the reason. */
export type Excused = { reason: string; finding: Finding };

/** Outcome of one of several runs of a case: its first finding, or why the lab failed. */
export type Outcome = { verdict: Verdict; took: number; kind?: Finding['kind']; message?: string };

/** Result of judging one case. Plain JSON, pure function of the journal. */
export type CaseResult = {
  id: string;
  scenario: string;
  cell: Record<string, string>;
  about: string;
  source: { file: string; line: number; column: number };
  target: string;
  /** connections of the judged round; absent if the case is unknown */
  connections?: number;
  seed: number;
  /** kind of scenario: universal, contract, or the user's own */
  kind?: Kind;
  verdict: Verdict;
  /** reason for a skip, or failure of the lab */
  reason?: string;
  /** ability that the machine lacks for a skipped case, and the command or change that adds it */
  want?: Want;
  findings: Finding[];
  /** findings that the target file excuses: the case passes if nothing else is wrong */
  excused?: Excused[];
  /** ms until the target was back at its baseline; absent if it never got that far */
  drain?: number;
  /** growth of the target's memory per connection over the larger rounds, bytes; absent where it was not watched */
  memoryEach?: number;
  /** wall time of the case, all attempts together, ms */
  took: number;
  /** part of it for which target and harness waited for a processor, ms; absent if none */
  starved?: number;
  /** ended sides by reason, in the judged round */
  terminations: { incoming: Record<string, number>; outgoing: Record<string, number> };
  /** connections of the judged round by actor and the ending that it saw; absent if the round never ran */
  seen?: { client: Record<string, number>; upstream: Record<string, number> };
  /** ms that passed inside the target, and things there whose own clock did not notice */
  advanced?: { ms: number; notShifted: string[] };
  /** leftovers that a rule of the target file excuses */
  ignored?: Ignored[];
  /** lowest fidelity of the applied faults; absent without faults */
  fidelity?: Fidelity;
  /** network of the case; absent if it was not available */
  lab?: 'none' | 'single' | 'hosts' | 'routed';
  /** parts of the target that could not be seen, with the reason; absent if there were none */
  blind?: string[];
  /** warnings of Node that indicate leaks; absent if there were none */
  warnings?: WarningSeen[];
  /** reason why bytes were not judged: the target is no transparent pipe; absent if they were */
  opaque?: string;
  /** quarantine of a flaky case: it does not fail the run unless expired */
  quarantined?: Exempt;
  /** number of runs, if more than one */
  attempts?: number;
  /** runs that did not pass, of a case that was run more than once, in their order */
  outcomes?: Outcome[];
  /** verdict of the attempt at the end of the run, with nothing beside it; absent if there was none */
  alone?: Verdict;
};

export type Leak = Extract<Finding, { kind: 'leak' }>;

export type Invariant = Extract<Finding, { kind: 'invariant' }>;
