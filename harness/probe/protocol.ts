/**
 * Protocol between the harness and the probe in a target: JSON lines over a Unix socket.
 * Node built-ins only: this file is loaded into a stranger's process.
 */
import type { Resource } from '../resource.ts';

export type { Resource };

/** Environment variable with the path of the Unix socket that the probe connects to. */
export const PROBE_SOCKET_ENV = 'LASTFIN_PROBE_SOCKET';

/** Environment variable that makes the probe replace the clocks at the start, as `advance` requires. */
export const PROBE_CLOCKS_ENV = 'LASTFIN_PROBE_CLOCKS';

/** Environment variable with the folder in which each program records what it leaves behind at its end. */
export const PROBE_ENDS_ENV = 'LASTFIN_PROBE_ENDS';
/** Environment variable that makes the probe follow each socket, as a run does that explains a failed case. */
export const PROBE_LIVES_ENV = 'LASTFIN_PROBE_LIVES';

/**
 * Channel of diagnostics_channel on which the probe publishes a {@link Collector} whenever it wants the target's figures; a
 * subscribed target answers by calling it, synchronously. The target needs nothing of lastfin but this name.
 */
export const COLLECT_CHANNEL = 'lastfin:collect';

export type Collector = {
  /** reports a live count that must return to its baseline, such as `records` */
  gauge(name: string, value: number): void;
  /** reports a count that only grows, such as `accepted` or `outgoing_created` */
  counter(name: string, value: number): void;
  /** reports the number of connection sides that have ended for this reason so far */
  termination(side: 'incoming' | 'outgoing', reason: string, count: number): void;
};

/** Cheap sample, fit for polling: no garbage collection, no heap walk. */
export type Sample = {
  gauges: Record<string, number>;
  counters: Record<string, number>;
  terminations: { incoming: Record<string, number>; outgoing: Record<string, number> };
  /** process.getActiveResourcesInfo() by type (without unref'd resources), without the probe's own */
  resources: Record<string, number>;
  /** open descriptors by kind (socket, pipe, file, anon, other), without the probe's own */
  fds: Record<string, number>;
  heapUsed: number;
  /** kernel's account, if the target is observed from outside */
  os?: OsFigures;
};

/** Counts for a process and everything that it started. */
export type OsFigures = {
  processes: number;
  /** children that have ended and that nobody has waited for */
  zombies: number;
  threads: number;
  /** anonymous memory, resident or swapped out, KiB */
  memory: number;
};

/**
 * Position in the compiled file as the process sees it, 1-based. The harness maps it to the source, and where there is no function's
 * name adds the `code` of the line.
 */
export type Position = { file: string; line: number; column: number; name?: string; code?: string };

/** Group of things added since the baseline, of the same kind and origin. */
export type Suspect = {
  resource: Resource;
  /** stable identity between runs of the same code: kind and origin, no counts, ports or ids */
  fingerprint: string;
  /** number of new objects (or growth of the listener count or of the collection) since the baseline */
  count: number;
  /**
   * `presence`: a single one is a leak. `growth`: a leak only if more rounds add to it. `pace`: only if they add as much as the first.
   * `slope`: only if many rounds certainly add to it.
   */
  rule: 'presence' | 'growth' | 'pace' | 'slope';
  /** lines that created it or that are registered on it, most telling first; user code only */
  where: Position[];
  /** description of one of the group */
  sample: string;
  /** path from a root, for objects that should have been collected, and for collections */
  path?: string;
  /** number of retained objects that this one holds */
  alsoRetains?: number;
  /** for retained objects: fingerprint of the suspect that holds them; they are a leak only if that one is none */
  heldBy?: string;
  /** whether it is a socket beside the traffic, such as one to a statistics server: a few may have been opened lazily */
  apart?: boolean;
  /** ms after which Node ends it by itself: no leak, however many there are */
  endsWithin?: number;
  /** for one-shot timers: ms from being set to firing */
  firesAfter?: number;
};

/** Fingerprint of the suspect for the heap as a whole. */
export const HEAP_FINGERPRINT = 'memory heap';

/** Suspect that a rule of the target file excuses. */
export type Ignored = { name: string; reason: string; resource: Resource; count: number };

/** Named suspect behind a placeholder, its share of it, and its description. */
export type NameGiven = { fingerprint: string; share: number; sample?: string };

/** Warning that Node gave, and the line that was running then. */
export type WarningSeen = { text: string; count: number; where: Position[] };

export type Report = {
  suspects: Suspect[];
  /** suspects by the fingerprint of their placeholder in an earlier report; empty if none belongs to the program */
  names?: Record<string, NameGiven[]>;
  /** suspects that rules of the target file removed; absent if none were */
  ignored?: Ignored[];
  /** if a collection has grown: ms until every interval from before the traffic has run once, since one may sweep it */
  sweepsWithin?: number;
  /** Node's warnings of leaks since the start; absent if there were none */
  warnings?: WarningSeen[];
  /** parts that could not be examined, with the reasons; absent if there were none */
  blind?: string[];
  /** ms that the report took in the target */
  took: number;
};

/** Program or thread that has begun. */
export type StartOfProgram = {
  pid: number;
  /** number of a worker thread; 0 is the main thread */
  thread: number;
  parent: number;
  argv: string[];
  cwd: string;
};

/** Program or thread that has ended in a way that it could tell. */
export type EndOfProgram = StartOfProgram & {
  /**
   * `end`: nothing kept it alive any more; `exit`: somebody called `process.exit`; `error`: nobody caught one; `runner`: its test runner has
   * had what it wanted, and kills it
   */
  how: 'end' | 'exit' | 'error' | 'runner';
  /** caller of `process.exit` */
  by: Position[];
  exitCode: number;
  left: LeftAtEnd[];
  warnings: WarningSeen[];
  /** source maps that scripts carry, as URLs by file */
  maps?: Record<string, string>;
  /** why nothing could be looked at */
  blind?: string;
};

/** Things of one kind and line that were open at the end of a program. */
export type LeftAtEnd = {
  resource: Resource;
  count: number;
  where: Position[];
  sample: string;
  /** whether the program could not have ended by itself for it */
  keepsAlive: boolean;
  /** for sockets: it waits in a pool, or the program has ended its side */
  ends?: boolean;
  /** for time-outs: ms until the last one fires */
  firesIn?: number;
  /** for child processes */
  pids?: number[];
};

/** Step in the life of a socket: an event that came, with the program's listeners, or a call, with its stack, innermost first. */
export type SocketStep = {
  /** `ended`: the call of the program that ended the socket; an `end()` as in the warm-up, which only passes the peer's end on, is none */
  kind: 'came' | 'called' | 'ended';
  /** `end`, `error`, `connection` …; `end()`, `destroy()`, `connect()` … */
  what: string;
  /** ms since the first step of any socket after the baseline */
  at: number;
  /** code of an error, ms of a time-out, bytes at the close */
  detail?: string;
  /** the program's lines; empty: nobody listened, or Node.js itself called it */
  where: Position[];
  /** number of the first lines of a call that a connection of the warm-up came through, too; absent if none */
  usual?: number;
  /** for `ended`: index of the line whose code names a reason that connections ended with; absent if none does */
  reason?: number;
};

/** Life of sockets that lived alike since the baseline: its steps are those of the first one. */
export type SocketLife = {
  side: 'incoming' | 'outgoing';
  count: number;
  /** whether they are open still */
  open: boolean;
  steps: SocketStep[];
};

/** Thing that keeps the event loop of a stopped target alive, in words, with positions. */
export type Alive = { what: string; where: Position[] };

/** Progress of an advance, and things with a clock of their own. */
export type Advanced = {
  /** false: the program has touched the network, or takes long; ask again to continue */
  done: boolean;
  /** shifted ms that have not passed yet */
  left: number;
  /** moments at which timers were due, and number of fired timers */
  steps: number;
  fired: number;
  /** such as `headersTimeout of Server on port 80 (a native clock)` */
  notShifted: string[];
};

/** Error to throw at sockets of the target. */
export type FailOrder = {
  side: 'incoming' | 'outgoing';
  /** local port for incoming sockets, the peer's port for outgoing ones */
  port: number;
  /** sockets that are connected now, or each that connects until the order is revoked */
  phase: 'connected' | 'connecting';
  /** with `connected`: also sockets that come until the order is revoked, as for a lasting fault */
  lasting?: boolean;
  code: string;
  syscall: string;
};

/** Started process or thread, and whether it preloads a probe, which greets. */
export type Started = { pid: number; thread: number; greets: boolean };

/** State of a starting process. `reads`: files are being read, as while a program is loaded. */
export type Starting = { reads: boolean; started: Started[] };

export type Request =
  | { id: number; do: 'sample' }
  /** asks whether it is up, and for the threads and Node programs that it has started and that have not ended */
  | { id: number; do: 'started' }
  | { id: number; do: 'baseline' }
  /** `placeholders`: gives growth only a number, since its name is expensive; a later report names what grew further */
  | { id: number; do: 'report'; placeholders?: boolean }
  /** writes a heap snapshot to this file; the answer is null, or why there is none */
  | { id: number; do: 'keep-heap'; file: string }
  /** hooks the collections and emitters that the last report found growing; samples allocations if asked to */
  | { id: number; do: 'arm'; allocations?: boolean }
  /** asks for what the armed hooks saw: inserting lines by fingerprint, allocating functions */
  | { id: number; do: 'explain' }
  /** asks for the size of heap and buffers after garbage collection, KiB */
  | { id: number; do: 'heap' }
  /** counts objects by class, and answers with steadily growing ones; `connections` since the previous time, 0 starts over */
  | { id: number; do: 'objects'; connections: number }
  /** asks for the lives of sockets since the baseline; empty if they are not followed */
  | { id: number; do: 'lives' }
  /** asks for what is alive, and why-is-node-running's text if it was preloaded */
  | { id: number; do: 'alive' }
  /** asks for the URL of the source map that a loaded file names, or null */
  | { id: number; do: 'source-map'; file: string }
  /** advances by this many ms: timers fire in order, clocks agree; ask again, with the same figure, until it is done */
  | {
      id: number;
      do: 'advance';
      ms: number;
      /** replaces the clocks now, where they were not replaced at the start; 0 ms then ends an advance before its time */
      late?: boolean;
    }
  /** throws an error at sockets */
  | { id: number; do: 'fail'; order: FailOrder }
  /** revokes the order; answers with the number of sockets that got the error */
  | { id: number; do: 'fail-no-more'; order: FailOrder };

export type Hello = {
  hello: 1;
  pid: number;
  node: string;
  startedIn: number;
  /** number of a worker thread; 0 is the main thread */
  thread?: number;
  /** name of the program's file */
  script?: string;
};
export type Reply =
  | {
      id: number;
      ok:
        | Sample
        | Report
        | Record<string, Position[]>
        | SocketLife[]
        | { alive: Alive[]; why?: string }
        | Advanced
        | Starting
        | number
        | string
        | null;
    }
  | { id: number; error: string };
