/**
 * What the harness and the probe in a target say to each other: JSON lines over a Unix socket.
 * Node built-ins only: this file is loaded into a stranger's process.
 */
import type { Resource } from '../resource.ts';

export type { Resource };

/** Environment variable with the path of the Unix socket that the probe connects to. */
export const PROBE_SOCKET_ENV = 'LASTFIN_PROBE_SOCKET';

/** Environment variable that has the clocks replaced at the start, so that `advance` can be asked for. */
export const PROBE_CLOCKS_ENV = 'LASTFIN_PROBE_CLOCKS';

/**
 * diagnostics_channel on which the probe publishes a {@link Collector} whenever it wants the target's figures; a target
 * that subscribes answers by calling it, synchronously. A target needs nothing of lastfin for that but this name.
 */
export const COLLECT_CHANNEL = 'lastfin:collect';

export type Collector = {
  /** a live count that must go back to where it was, such as `records` */
  gauge(name: string, value: number): void;
  /** a count that only grows, such as `accepted` or `outgoing_created` */
  counter(name: string, value: number): void;
  /** how many connection sides have ended for this reason so far */
  termination(side: 'incoming' | 'outgoing', reason: string, count: number): void;
};

/** The cheap look, fit for polling: no garbage collection, no heap walk. */
export type Sample = {
  gauges: Record<string, number>;
  counters: Record<string, number>;
  terminations: { incoming: Record<string, number>; outgoing: Record<string, number> };
  /** process.getActiveResourcesInfo() by type (blind to what is unref'd); the probe's own left out */
  resources: Record<string, number>;
  /** open descriptors by kind (socket, pipe, file, anon, other); the probe's own left out */
  fds: Record<string, number>;
  heapUsed: number;
  /** by the kernel's account, where the target is looked at from outside */
  os?: OsFigures;
};

/** Counts of a process and all that it started. */
export type OsFigures = {
  processes: number;
  /** children that have ended and that nobody has waited for */
  zombies: number;
  threads: number;
  /** anonymous memory, resident or swapped out, KiB */
  memory: number;
};

/** 1-based; in the compiled file as the process sees it. The harness maps it to the source. */
export type Position = { file: string; line: number; column: number; name?: string };

/** A group of things that are here now and were not at the baseline, alike in kind and origin. */
export type Suspect = {
  resource: Resource;
  /** stable between runs of the same code: kind and origin, no counts, ports or ids */
  fingerprint: string;
  /** new objects (or growth of the listener count or of the collection) since the baseline */
  count: number;
  /**
   * `presence`: one is a leak. `growth`: a leak only if more rounds add to it. `pace`: only if they add at the pace of the first.
   * `slope`: only if many rounds add to it for certain.
   */
  rule: 'presence' | 'growth' | 'pace' | 'slope';
  /** the lines that made it or that are registered on it, most telling first; user code only */
  where: Position[];
  /** one of the group, described in words */
  sample: string;
  /** for what should have been collected, and for collections: path from a root */
  path?: string;
  /** how many retained objects hang on this one */
  alsoRetains?: number;
  /** of retained objects that hang on another suspect its fingerprint: they are a leak of their own only where that one is none */
  heldBy?: string;
  /** a socket beside the traffic, such as one to a server of statistics: a few may have been opened lazily */
  apart?: boolean;
  /** ms after which Node ends it by itself: no leak, however many there are */
  endsWithin?: number;
  /** of timers that fire once: ms from when they are set until they do */
  firesAfter?: number;
};

/** Of the heap as a whole. */
export const HEAP_FINGERPRINT = 'memory heap';

/** A suspect that a rule of the target file excuses. */
export type Ignored = { name: string; reason: string; resource: Resource; count: number };

/** One of the suspects that another has turned out to be, its share in it, and how it would have been described. */
export type NameGiven = { fingerprint: string; share: number; sample?: string };

/** A warning that Node gave, and the line that was running then. */
export type WarningSeen = { text: string; count: number; where: Position[] };

export type Report = {
  suspects: Suspect[];
  /** what those are that an earlier report had only a number for, by that fingerprint: nothing of the program's where there is none */
  names?: Record<string, NameGiven[]>;
  /** what a rule of the target file has taken out; absent where none did */
  ignored?: Ignored[];
  /** where a collection has grown: ms until every interval that the program had before the traffic has run once; one may sweep it */
  sweepsWithin?: number;
  /** warnings of Node that tell of leaks, since the start; absent where there were none */
  warnings?: WarningSeen[];
  /** what could not be looked at, and why; absent where all could */
  blind?: string[];
  /** ms that the report took in the target */
  took: number;
};

/** What keeps the event loop of a stopped target alive, in words, with positions. */
export type Alive = { what: string; where: Position[] };

/** How far time has been let pass in the target, and what keeps a clock of its own. */
export type Advanced = {
  /** false: the program has touched the network, or takes long; ask again to go on */
  done: boolean;
  /** shifted ms that have not passed yet */
  left: number;
  /** moments at which timers were due, and how many fired */
  steps: number;
  fired: number;
  /** such as `headersTimeout of Server on port 80 (a native clock)` */
  notShifted: string[];
};

/** An error to throw at sockets of the target. */
export type FailOrder = {
  side: 'incoming' | 'outgoing';
  /** their own port where they are incoming, their peer's where they are outgoing */
  port: number;
  /** those that are connected now, or each that connects until the order is taken back */
  phase: 'connected' | 'connecting';
  /** with `connected`: also those that come until the order is taken back, as with a fault that lasts */
  lasting?: boolean;
  code: string;
  syscall: string;
};

/** A process, or a thread of one, and whether it preloads a probe, which greets. */
export type Started = { pid: number; thread: number; greets: boolean };

/** `reads`: files are being read, as those of a program that is only just loaded. */
export type Starting = { reads: boolean; started: Started[] };

export type Request =
  | { id: number; do: 'sample' }
  /** whether it is up, and the threads and Node programs that it has started and that have not ended */
  | { id: number; do: 'started' }
  | { id: number; do: 'baseline' }
  /** `nameless`: what has grown is only given a number, since its name is dear; a later report has the names of what grew further */
  | { id: number; do: 'report'; nameless?: boolean }
  /** put hooks on the collections and emitters that the last report found growing; sample what is allocated, where asked for */
  | { id: number; do: 'arm'; allocations?: boolean }
  /** what the armed hooks saw: fingerprint → inserting lines, allocating functions */
  | { id: number; do: 'explain' }
  /** KiB on the heap and in buffers once garbage is collected */
  | { id: number; do: 'heap' }
  /** counts objects by class, and answers with those that have gone on growing; `connections` since the time before, 0 begins anew */
  | { id: number; do: 'objects'; connections: number }
  /** what is alive, and why-is-node-running's text where it was preloaded */
  | { id: number; do: 'alive' }
  /** URL of the source map that a loaded file names, or null */
  | { id: number; do: 'source-map'; file: string }
  /** let this many ms pass: timers fire in order, clocks agree; ask again, with the same figure, until it is done */
  | { id: number; do: 'advance'; ms: number }
  /** throw an error at sockets */
  | { id: number; do: 'fail'; order: FailOrder }
  /** answers with the number of sockets that got the error */
  | { id: number; do: 'fail-no-more'; order: FailOrder };

export type Hello = {
  hello: 1;
  pid: number;
  node: string;
  startedIn: number;
  /** of a worker thread; 0 is the main thread */
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
        | { alive: Alive[]; why?: string }
        | Advanced
        | Starting
        | number
        | string
        | null;
    }
  | { id: number; error: string };
