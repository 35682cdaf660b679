import type { SourcePosition } from '../../shared/yaml-file/source-position.ts';
import type { CarrierChange, CarrierWord } from './transport.ts';
import type { KernelFault } from './kernel-fault.ts';
import type { Kind } from './suite.ts';

/** The two actors around a target. */
export type Side = 'client' | 'upstream';

/** The two sockets of one proxied connection inside a target: client→target and target→upstream. */
export type SocketSide = 'incoming' | 'outgoing';

export const FAMILIES = ['ipv4', 'ipv6'] as const;

/** IP version. */
export type Family = (typeof FAMILIES)[number];

export const TERMINATION_REASONS = [
  'normal',
  'closed_incoming',
  'closed_outgoing',
  'econnreset',
  'etimedout',
  'connection_refused',
  'host_unreachable',
  'error',
  'inactivity',
  'max_lifetime',
  'initial_timeout',
  'half_open_timeout',
  'pending_overflow',
  'handshake_timeout',
  'rejected_limit',
  'rejected_ip',
  'sni_mismatch',
  'socket_end',
  'socket_error',
  'proxy_end',
  'proxy_error',
  'nftables_handled',
  'shutdown',
] as const;

/** Why one side of a connection ended (the table in the design). */
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** How real a fault is; `kernel` is the most real. */
export type Fidelity = 'kernel' | 'wire' | 'toxiproxy' | 'simulated';

/** A state that a script can wait for. Counts: N > 0 means "at least N", 0 means "none left"; `all` is every connection of the round. */
export type WaitFor =
  /** client connections whose connect has succeeded, since the round began */
  | { state: 'opened'; count: Count }
  /** connections the upstream has accepted, since the round began */
  | { state: 'established'; count: Count }
  /** connections on which either actor has seen the other side's FIN, since the round began */
  | { state: 'half-closed'; count: Count }
  /** client connections whose end by the peer has been seen, however it came, since the round began */
  | { state: 'ended'; count: Count }
  /** connects of the target to the upstream that have no answer yet: its sockets in SYN_SENT (live) */
  | { state: 'connecting'; count: Count }
  /** records that the target publishes (live gauge) */
  | { state: 'records'; count: Count }
  /** steps `advance` that are over, in the order of the clients' script: for upstreams that are to wait until time has passed */
  | { state: 'advanced'; count: number }
  /** every fault of the case has been applied */
  | { state: 'faulted' }
  /** every fault that lasts only for a time (`for`) has been healed */
  | { state: 'healed' }
  /** ms of real time: for what nobody else can see, such as the patience of the target's kernel */
  | { state: 'time'; ms: number };

export type Count = number | 'all';

/** One step of an actor's script, on one connection. */
export type Step =
  /** client only, and its first step: connect and wait until connected */
  | { kind: 'open' }
  /** write N patterned bytes and wait until the kernel has taken them; with a pace, some at a time */
  | { kind: 'send'; bytes: number; pace?: Pace }
  /** write patterned bytes without waiting, until the other side stops taking them or the connection ends */
  | { kind: 'flood' }
  /** wait until N more bytes have come, and check them against the pattern */
  | { kind: 'expect'; bytes: number }
  /** wait until the peer's FIN (`end`), its RST (`reset`), or either (`closed`) is seen */
  | { kind: 'expect-ending'; ending: 'end' | 'reset' | 'closed' }
  /** send FIN, go on reading */
  | { kind: 'half-close' }
  /** send FIN, wait for the peer's, then close */
  | { kind: 'close' }
  /** close(2) at once, without waiting for the peer: FIN, and RST for whatever comes later */
  | { kind: 'abandon' }
  /** RST */
  | { kind: 'reset' }
  /** stop reading, so that back-pressure builds up */
  | { kind: 'stall' }
  /** read again */
  | { kind: 'resume' }
  | { kind: 'wait'; for: WaitFor }
  /** client only: once all clients are here, let so many ms pass inside the target */
  | { kind: 'advance'; ms: number }
  /** client only: once all clients are here, read the figures that the target publishes */
  | { kind: 'look' }
  /** client over http: one request; what of its body is owed yet, `send` can bring */
  | { kind: 'request'; request: HttpRequest }
  /**
   * client over http: wait for the next response, of one of these, and, unless it is an interim one, until it is whole; `orEnd`: the end of the
   * connection will do as well
   */
  | { kind: 'expect-response'; statuses: number[]; whole: boolean; orEnd?: true; headers?: ExpectedHeaders }
  /** client over http: wait until the request has failed: a gateway's error, or an end before the answer is whole */
  | { kind: 'expect-failure' }
  /** client: send the sample request of the target's route; nothing where the route has none, or the server has ended the connection */
  | { kind: 'ask' }
  /** client: wait for the answer to `ask`: a whole one of any status, or over bytes the first byte; or for the end of a connection that had one */
  | { kind: 'expect-answer' }
  /** upstream over http: wait until the request is whole */
  | { kind: 'expect-request'; headers?: ExpectedHeaders }
  /** upstream over http: the response, or an interim one */
  | { kind: 'respond'; response: HttpResponse }
  /** client over bare TCP: a ClientHello, or the first bytes of one */
  | { kind: 'hello'; servername: string | false; least: number; bytes: number | undefined }
  /** client over TLS 1.2: another handshake on the same connection (RFC 5746), for this name */
  | { kind: 'renegotiate'; servername: string | false }
  /** bytes as they are written here, outside the pattern */
  | { kind: 'raw'; text: string; pace?: Pace };

/** Bytes that are written at a time, and the ms of rest after each. */
export type Pace = { bytes: number; every: number };

/** Headers that a message must have, by their names in small letters; `false`: must not have. */
export type ExpectedHeaders = Record<string, string | false>;

/** A message of HTTP as a script makes it. The length is that of the body where nothing else is said. */
type HttpMessage = {
  headers: Record<string, string>;
  /** bytes of the body, patterned unless there is a `text` */
  body: number;
  /** the body as it stands in the scenario */
  text?: string;
  /** content-length, which may be more than the body: then the message is cut short */
  length?: number | 'chunked';
};

export type HttpRequest = HttpMessage & { method: string; path: string };
export type HttpResponse = HttpMessage & { status: number };

/** Some of the clients of a case, all alike. */
export type ClientGroup = {
  count: number;
  concurrent: number;
  /** local address; by default the system's choice */
  from?: string;
  /** changes of the carrier that the case has for its clients */
  over?: CarrierWord | CarrierChange;
  script: Step[];
};

/** When a fault is applied. `connect`: before the first connection of the round. */
export type Trigger =
  | { at: 'connect' }
  /** both actors together have received N bytes in this round */
  | { at: 'bytes'; bytes: number }
  /** N client connects have succeeded in this round */
  | { at: 'opened'; count: Count }
  /** N connects of the target to the upstream have no answer yet */
  | { at: 'connecting'; count: Count }
  /** the target publishes N records */
  | { at: 'records'; count: Count }
  /** the upstream has accepted N connections in this round */
  | { at: 'established'; count: Count }
  /** N connections have been half-closed in this round */
  | { at: 'half-closed'; count: Count }
  /** N clients are at a step `wait: faulted` */
  | { at: 'waiting'; count: Count };

/** Which way bytes flow through a link. */
export type Direction = 'to-upstream' | 'to-client';

export type Fault = { when: Trigger } &
  /** the upstream's listener is closed: connects are refused by the kernel */
  (
    | { kind: 'refused'; address?: number }
    /** the upstream's host does not answer: connects stay pending */
    | { kind: 'blackhole' }
    /** the actor on `side` does this to all its open connections at once */
    | { kind: 'reset' | 'close' | 'half-close' | 'abandon' | 'stall'; side: Side }
    /** a toxic on the link at `side`; attributes as Toxiproxy has them */
    | {
        kind: 'toxic';
        type: ToxicType;
        side: Side;
        direction: Direction;
        toxicity: number;
        attributes: Record<string, number>;
      }
    /** the link at `side` is disabled: its connections are closed, new ones refused */
    | { kind: 'down'; side: Side }
    /** the target gets its stop signal, once or several times, while connections live; the case ends with this round */
    | { kind: 'shutdown'; times?: number }
    /** the target's config file becomes that of another route, and it is told to read it again */
    | { kind: 'reload'; route: string }
    | KernelFault
  );

export const TOXIC_TYPES = [
  'latency',
  'bandwidth',
  'slow_close',
  'timeout',
  'slicer',
  'limit_data',
  'reset_peer',
] as const;
export type ToxicType = (typeof TOXIC_TYPES)[number];

/** An expected count: exact, or a range where a race is real. `all` is every connection of the round. */
export type CountRange = { min: Count; max: Count };

/**
 * How a connection ended as an actor saw it, before the release: the peer's FIN (`end`), its RST (`reset`), a failed
 * connect (`refused`, `timeout`), another error code, or nothing from the peer (`none`: still open, or ended by the actor itself).
 */
export type Seen = 'end' | 'reset' | 'refused' | 'timeout' | 'none' | (string & {});

/** Gauges and counters, by name, as what was added since the baseline; those not named are not judged. */
export type Figures = Record<string, CountRange>;

export type Expectations = {
  /** termination reasons of the incoming side; reasons not named must be 0. Absent: not judged. */
  incoming?: Partial<Record<TerminationReason, CountRange>>;
  outgoing?: Partial<Record<TerminationReason, CountRange>>;
  /** what the clients saw; outcomes not named must be 0. Absent: not judged. */
  client?: Record<string, CountRange>;
  upstream?: Record<string, CountRange>;
  /** ms from the last step until all counts are back at the baseline */
  drain: number;
  /** exact bytes that must have arrived, summed over all connections of the round. Absent: only the laws. */
  delivered?: { toUpstream?: number; toClient?: number };
  /** most bytes that a sender got rid of on one connection before it saw its end; kernel buffers included */
  absorbed?: number;
  /** once all faults are healed, so many new connections must be served as if nothing had been */
  recovery?: number;
  /** larger rounds follow, in which memory must not go on growing */
  memory?: 'level';
  /** figures of the target, by the names that it publishes them under: what was added since the baseline. Absent: only the laws. */
  figures?: {
    /** at each step `look`, in their order */
    looks?: Figures[];
    /** when all has ended */
    after?: Figures;
  };
};

/** One cell of a scenario's matrix, with every default filled in: plain JSON, all a run needs. */
export type Case = {
  /** `faults/client-reset[phase=idle,count=20]`; unique in a suite, stable between runs */
  id: string;
  /** the file's path below its suite and the folder of its kind, without `.yaml` */
  scenario: string;
  kind: Kind;
  cell: Record<string, string>;
  about: string;
  source: SourcePosition;
  /** name of a file in `scenarios/targets`, or a path from the current directory */
  target: string;
  /** the scenario itself names its target: it is about that one */
  ownTarget: boolean;
  route: string;
  /** the network it must stand on; absent: what its faults need */
  lab?: 'single' | 'hosts' | 'routed';
  /** of all addresses of the case */
  family: Family;
  /** the upstream is a name that stands for these addresses, in this order; empty: it is one address, without a name */
  addresses: Family[];
  /** settings of the target as written (`300ms`); its target file has checked them */
  settings: Record<string, string | number | boolean>;
  /** the same, but left out where a target does not have them; `fitCase` puts them into `settings` */
  tuning?: Record<string, string | number | boolean> | undefined;
  connections: { count: number; concurrent: number };
  /** empty where there are `clients` */
  client: Step[];
  /** several kinds of client; see `clientGroups` */
  clients?: ClientGroup[];
  /** changes of the carriers that the route has */
  over?: { client?: CarrierWord | CarrierChange; upstream?: CarrierWord | CarrierChange };
  /** empty where it only accepts, and on a server */
  upstream: Step[];
  /** the scenario is about servers without an upstream (`upstream: none`) */
  server?: true;
  faults: Fault[];
  expect: Expectations;
  /** expected besides, where the target promises what the reference proxy does; `fitCase` puts it into `expect` */
  contract?: { expect: Partial<Expectations>; deadline?: number } | undefined;
  /** ms that any single step may take */
  deadline: number;
  /** derived from the run's seed and the id */
  seed: number;
};
