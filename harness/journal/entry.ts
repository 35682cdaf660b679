import type { Want } from '../want.ts';
import type { NetworkKind } from '../lab/network/network.ts';
import type { Alive, Position, Report, Sample, SocketLife, Suspect } from '../probe/protocol.ts';
import type { LoadSeen } from './load-seen.ts';
import type { FindingKind } from '../resource.ts';
import type { Transport } from '../scenario/transport.ts';
import type { Case } from '../scenario/case.ts';
import type { Fault } from '../scenario/fault.ts';
import type { Fidelity, Side } from '../scenario/trigger.ts';
import type { Seen } from '../scenario/expectations.ts';

/** Version of the journals that this lastfin writes. 2: connections with `events`, entries `counts` and `output`. */
export const JOURNAL_VERSION = 2;

/** Everything one case observed, in order: the only input of the judge. One JSON line each. */
export type Entry = { /** ms since the case began, monotonic */ t: number } & Observation;

/**
 * The phases a case goes through, in this order. `confirm` repeats the round where growth was seen, `enlarge` does so with more
 * connections where it was confirmed, `recover` tries new connections once all faults are healed.
 */
export type Phase =
  | 'warm-up'
  | 'baseline'
  | 'steady'
  | 'fault'
  | 'heal'
  | 'settle'
  | 'confirm'
  | 'enlarge'
  | 'recover'
  | 'release'
  | 'stop';

/** Bytes that are not those of the pattern: offset of the first, and a few of them in hex. */
export type WrongBytes = { at: number; expected: string; got: string };

/**
 * Moment in the life of a connection as one actor saw it; `t` in ms since the case began, one decimal.
 *
 * - `opened`: the client calls connect, the upstream accepts (over HTTP: another request comes on a connection)
 * - `established`: connected, and its transport stands: TLS is done, the tunnel is open
 * - `first-byte`: first byte of the script's stream, or of an HTTP message
 * - `step`: that step of the actor's script, from 0, is complete; of more than 30 the first 29 and the last one
 * - `fin`, `rst`: from the peer; `fin-sent`, `rst-sent`: done by this actor (`abandon` is just `closed`: the kernel chooses between the two)
 * - `closed`: the socket is closed
 * - `error`: with `code`, another error of the socket; with `step`, that step failed; with neither, the transport could not be set up
 */
export type ConnectionEvent = {
  t: number;
  event:
    | 'opened'
    | 'established'
    | 'first-byte'
    | 'step'
    | 'fin-sent'
    | 'fin'
    | 'rst-sent'
    | 'rst'
    | 'closed'
    | 'error';
  step?: number;
  code?: string;
};

/** Connection as one actor saw it, written when the round is judged. */
export type ConnectionSeen = {
  actor: Side;
  /** 0 is the warm-up, 1 the judged round, 2 and 3 the confirming ones; larger ones are not noted */
  round: number;
  connection: number;
  seen: Seen;
  /** act by which the actor itself has ended it */
  did: 'nothing' | 'half-closed' | 'closed' | 'abandoned' | 'reset' | 'cancelled';
  sent: number;
  /** bytes sent by the time the peer's end, or its abort of a request, was seen; absent where none was seen */
  sentAtEnd?: number;
  received: number;
  /** bytes of `sent` outside the pattern: `raw` and `hello` */
  raw?: number;
  /** first bytes that did not fit the pattern; absent when all fitted */
  wrong?: WrongBytes;
  /** the client that a PROXY header announced to the upstream, `address:port` or `nobody` */
  announced?: string;
  /** address that that client has connected to, as the header says, `address:port` or `nobody` */
  announcedTo?: string;
  /** address of this client, `address:port`, or the one that a PROXY header gives the target; absent behind a link */
  source?: string;
  /** address that it has connected to */
  destination?: string;
  localPort?: number;
  remotePort?: number;
  /** the step that did not complete, and why; `status`: of the answer that came in place of the expected one */
  failure?: { step: string; index: number; message: string; status?: number };
  /**
   * its life, in order, 40 events at most; absent in journals of version 1, with `--no-series`, and where a round has more than 200
   * connections for all but the first 100 of a side and every k-th after them (k: a hundredth of the connections)
   */
  events?: ConnectionEvent[];
};

/** The target's own log line of an ended connection, as its target file maps it. */
export type EndLine = {
  id: string;
  /** number of connections that ended alike and that this line stands for, where a target counts them; else absent */
  count?: number;
  incoming?: string;
  outgoing?: string;
  bytesIn: number;
  bytesOut: number;
  upstreamBytesIn?: number;
  upstreamBytesOut?: number;
  /** the client's address and port, as the line says them */
  clientAddress?: string;
  clientPort?: number;
};

/** Counts of a target at one moment; what could not be had without disturbing it is absent. */
export type Counts = {
  /** open file descriptors of the target's processes */
  descriptors?: number;
  /** connection records, as the target publishes them */
  records?: number;
  /** libuv's active resources by type */
  active?: Record<string, number>;
  /** resident memory of the target's processes, KiB */
  rss?: number;
  /** used heap, KiB */
  heap?: number;
};

/** File with evidence of a case, in the folder of its journal. */
export type EvidenceFile = {
  /** packets (tcpdump), TLS keys (the form of SSLKEYLOGFILE), heap of the target before its peers let go */
  kind: 'pcap' | 'keys' | 'heapsnapshot';
  file: string;
  bytes: number;
  /** the capture ended at its limit, before the case did */
  cut?: true;
};

/** Line that the target printed. Control characters stay as they are: whoever shows it escapes them. */
export type OutputLine = {
  stream: 'stdout' | 'stderr';
  text: string;
  /** the line was longer */
  cut?: true;
  /** number of earlier lines that were left out */
  dropped?: number;
};

/** A finding that a target cannot but cause, by design, and why; without `finding` any but a leak, a crash or a target that stays. */
export type Excuse = {
  finding?: FindingKind;
  /** regular expression for its message */ says?: string;
  reason: string;
};

export type Observation =
  | {
      type: 'case';
      /** version of the journal: older ones are judged, too */
      journal: 1 | typeof JOURNAL_VERSION;
      case: Case;
      lastfin: string;
      node: string;
      platform: string;
      /** the process that was running before and is left running: there is no exit to judge */
      attached?: number;
      /** records, counters and reasons that the target publishes, so that the judge knows which invariants it can check */
      publishes: {
        records: boolean;
        terminations: boolean;
        ends: boolean;
        /** whether the lines of ends say reasons */
        logged?: boolean;
      };
      /** kind of network that the case ran in; absent where it was skipped for want of one */
      lab?: NetworkKind;
      /** transports of both sides; absent: TCP */
      transports?: { client: Transport; upstream?: Transport };
      /** faults that are less real than this, or than they can be at best, are findings */
      requireFidelity?: Fidelity;
      /** findings that the target file excuses in this case */
      excuses?: Excuse[];
      /** the Toxiproxy server, where the case uses one */
      toxiproxy?: string;
    }
  /** light look at the target between the phases `steady` and `settled`, for reports only */
  | ({ type: 'counts' } & Counts)
  /** file beside the journal that the case has left */
  | ({ type: 'evidence' } & EvidenceFile)
  /** line that the target printed, for reports only: the last 64 KiB of a case */
  | ({ type: 'output' } & OutputLine)
  | { type: 'phase'; phase: Phase; round: number }
  /** how many new connections were served once all faults had been healed, and why the first of the others was not */
  | { type: 'recovery'; asked: number; served: number; failure?: string }
  /** answers, errors and times of the load of the judged round */
  | ({ type: 'load'; round: number } & LoadSeen)
  /** sysctls that were set where the target is, for the whole case */
  | { type: 'kernel'; sysctls: Record<string, number> }
  | {
      type: 'fault';
      /** missed: its moment never came, and that was the target's doing */
      action: 'applied' | 'healed' | 'missed';
      fault: Fault;
      fidelity: Fidelity;
      /** when applying or healing it began, ms since the case began: it is complete at `t`; absent in version 1 */
      began?: number;
      /** how real it would be with a network of its own; absent where it is that */
      best?: Fidelity;
      /** sysctls that were set while it lasted */
      sysctls?: Record<string, number>;
    }
  | ({ type: 'connection' } & ConnectionSeen)
  /** counts at the baseline, after settling (`settled`), after the rounds that confirm, and after the peers let go */
  | {
      type: 'sample';
      at: 'baseline' | 'looked' | 'settled' | 'confirmed' | 'released' | 'stopping';
      round: number;
      sample: Sample;
    }
  /** `settled` comes once more after `confirmed` where that gave names to what had only a number: the later one counts */
  | { type: 'report'; at: 'settled' | 'confirmed' | 'released'; round: number; report: Report }
  /** after a larger round for what still grew after the confirming ones */
  | { type: 'enlarged'; round: number; connections: number; report: Report }
  /**
   * Own memory of the target after each larger round that looks for a slope, before the first, and what it must have grown by to tell,
   * in all and for each connection; KiB
   */
  | {
      type: 'memory';
      round: number;
      connections: number;
      memory: number;
      before: number;
      least: number;
      leastEach: number;
      /** fewer connections than these tell nothing */
      leastConnections?: number;
      /** heap that is left once garbage is collected, or resident memory */
      kind: 'kept' | 'rss';
      /** objects that went on growing, where they were looked for */
      objects?: Suspect[];
    }
  /** how long settling took from the last step; `drained` false: the limit passed first */
  | { type: 'drain'; round: number; took: number; drained: boolean; limit: number }
  | ({ type: 'end-line' } & EndLine)
  /** time that was let pass in the target, and what there keeps a clock of its own */
  | { type: 'advanced'; round: number; ms: number; left: number; fired: number; notShifted: string[] }
  /** lines that inserted into a growing collection or emitter: fingerprint → positions */
  | { type: 'explained'; lines: Record<string, Position[]> }
  /** how the target's sockets lived in the judged round, as another run of the failed case saw it; the verdict is the same without */
  | { type: 'lives'; lives: SocketLife[] }
  /** `asked`: the harness had sent the stop signal; `within`: it exited by itself within its grace */
  | {
      type: 'exit';
      asked: boolean;
      within: boolean;
      code: number | null;
      signal: string | null;
      took: number;
      grace: number;
      /** signal that the target was told to stop with; absent in journals of lastfin 0.1 */
      stop?: string;
      /** ms for which target and harness waited for a processor in the whole case */
      starved?: number;
      /** things that kept the target alive, if it had to be killed */
      alive?: Alive[];
      why?: string;
      stderr: string;
    }
  /** the target is no transparent pipe, and how that is known: bytes are not judged */
  | { type: 'opaque'; reason: string }
  /** the target kept the harness from looking at it, or from working */
  | { type: 'obstruction'; what: string; detail: string }
  /** something cannot be seen here, and why: the verdict says less than it would elsewhere */
  | { type: 'blind'; what: string }
  /** the case cannot run here */
  | {
      type: 'skipped';
      reason: string;
      /** thing that the machine lacks, and how to add it */
      want?: Want;
      /** network of its own that would do */
      forWantOf?: NetworkKind;
    }
  /** the lab failed: never the target's fault */
  | { type: 'lab-error'; code: string; message: string };
