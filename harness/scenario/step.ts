import type { GrpcStep } from './protocols/grpc-step.ts';
import type { H2Code } from './h2-codes.ts';
import type { Count } from './trigger.ts';
import type { WsStep } from './protocols/ws-step.ts';

/** State that a script can wait for. Counts: N > 0 means "at least N", 0 means "none left"; `all` is every connection of the round. */
export type WaitFor =
  /** client connections whose connect has succeeded, since the round began */
  | { state: 'opened'; count: Count }
  /** connections the upstream has accepted, since the round began */
  | { state: 'established'; count: Count }
  /** connections on which either actor has seen the other side's FIN, since the round began */
  | { state: 'half-closed'; count: Count }
  /** connections on which the upstream has completed its first `expect`, since the round began */
  | { state: 'expected'; count: Count }
  /** client connections whose end by the peer has been seen, however it came, since the round began */
  | { state: 'ended'; count: Count }
  /** connects of the target to the upstream that have no answer yet: its sockets in SYN_SENT (live) */
  | { state: 'connecting'; count: Count }
  /** records that the target publishes (live gauge) */
  | { state: 'records'; count: Count }
  /** finished steps `advance`, in the order of the clients' script: for upstreams that wait until time has passed */
  | { state: 'advanced'; count: number }
  /** every fault of the case has been applied */
  | { state: 'faulted' }
  /** every fault that lasts only for a time (`for`) has been healed */
  | { state: 'healed' }
  /** ms of real time: for events that nobody can observe, such as the patience of the target's kernel */
  | { state: 'time'; ms: number };

/** A status, or a class of them: `5xx`. */
export type StatusWanted = number | StatusClass;
export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;
type StatusClass = (typeof STATUS_CLASSES)[number];

/** Step of an actor's script, on one connection. */
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
  /** client only: once all clients are here, advances this many ms inside the target */
  | { kind: 'advance'; ms: number }
  /** client only: once all clients are here, reads the figures that the target publishes */
  | { kind: 'look' }
  /** client over http: one request; `send` can write the rest of its body */
  | { kind: 'request'; request: HttpRequest }
  /**
   * client over http: wait for the next response with one of these statuses and, unless it is interim, for its end; `orEnd`: the end
   * of the connection is accepted, too
   */
  | {
      kind: 'expect-response';
      statuses: StatusWanted[];
      whole: boolean;
      orEnd?: true;
      headers?: ExpectedHeaders;
      trailers?: ExpectedHeaders;
    }
  /** client over http: wait until the request has failed: a gateway's error, or an end before the answer is complete */
  | { kind: 'expect-failure' }
  /** client: send the sample request of the target's route; nothing if the route has none, or the server has ended the connection */
  | { kind: 'ask' }
  /** client: wait for the answer to `ask`: a complete one, or over bytes the first byte; or for the end of a connection that had one */
  | { kind: 'expect-answer' }
  /** upstream over http: wait until the request is complete; with `orEnd` or its connection over, and no answer is owed then */
  | { kind: 'expect-request'; headers?: ExpectedHeaders; orEnd?: true }
  /** upstream over http: the response, or an interim one */
  | { kind: 'respond'; response: HttpResponse }
  /** client over bare TCP: a ClientHello, or the first bytes of one */
  | { kind: 'hello'; servername: string | false; least: number; bytes: number | undefined }
  /** client over TLS 1.2: another handshake on the same connection (RFC 5746), for this name */
  | { kind: 'renegotiate'; servername: string | false }
  /** over TLS 1.3: this many key updates (RFC 8446, 4.6.3), which ask the peer for its own, or do not */
  | { kind: 'key-update'; times: number; requests: boolean }
  /** over h2: RST_STREAM on the current stream, with this code */
  | { kind: 'cancel'; code: H2Code }
  /** over h2: GOAWAY with this code; the streams under way go on */
  | { kind: 'goaway'; code: H2Code }
  /** over h2: SETTINGS that change what the peer may do from now on */
  | { kind: 'settings'; settings: H2Settings }
  /** over h2: read nothing more of the connection, so that no PING and no SETTINGS is acknowledged */
  | { kind: 'freeze' }
  /** client over h2: begin the head of another request and continue it in this many frames without an end */
  | { kind: 'continuation'; frames: number }
  /** over h2: begin the trailers of the current request, or the head of its answer, without an end; open all windows, and read nothing more */
  | { kind: 'half-head' }
  /** over h2: wait until the peer has sent RST_STREAM on the current stream, or GOAWAY */
  | { kind: 'expect-h2'; frame: 'cancelled' | 'goaway' }
  | WsStep
  | GrpcStep
  /** literal bytes, outside the pattern */
  | { kind: 'raw'; text: string; pace?: Pace };

/** Bytes that are written at a time, and the rest in ms after each. */
export type Pace = { bytes: number; every: number };

/** Limits of an HTTP/2 peer: streams at a time, and bytes that each stream may send before it has to wait. */
export type H2Settings = { streams?: number; window?: number };

/** Headers that a message must have, by lower-case name; `false`: must not have. */
export type ExpectedHeaders = Record<string, string | false>;

/** HTTP message of a script. Its content-length is the body's unless `length` is given. */
type HttpMessage = {
  headers: Record<string, string>;
  /** bytes of the body, patterned unless there is a `text` */
  body: number;
  /** literal body */
  text?: string;
  /** content-length, which may exceed the body: then the message is cut short */
  length?: number | 'chunked';
  /** headers after the body; over HTTP/1.1 only with `length: chunked` */
  trailers?: Record<string, string>;
};

export type HttpRequest = HttpMessage & {
  method: string;
  path: string;
  /** over h2: protocol that an extended CONNECT asks for (RFC 8441) */
  protocol?: string;
};

export type HttpResponse = HttpMessage & { status: number };

/** Step that only HTTP/2 has. */
export type H2Step = Extract<
  Step,
  { kind: 'cancel' | 'goaway' | 'settings' | 'freeze' | 'continuation' | 'half-head' | 'expect-h2' }
>;
