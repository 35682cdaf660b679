import type { MessageError } from './http-fault.ts';
import type { AnswerHead } from './upstream/answer-head.ts';
import type { UpstreamEnd } from './upstream/upstream-ends.ts';
import type { Tunnel } from './websocket/tunnel.ts';

/** Request as an upstream gets it. */
export type CallRequest = {
  method: string;
  target: string;
  /** value of Host */
  host: string;
  /** end-to-end fields and those that the proxy sets, without Host and framing */
  fields: readonly string[];
  /** fields that tell where the body ends */
  framing: readonly string[];
  hasBody: boolean;
  /** whether the head waits for the first part of the body; an upstream may answer the head alone only where it is asked to */
  holdsHead: boolean;
  /** whether it asks for a WebSocket */
  upgrades: boolean;
  /** key of its handshake, which the client expects to be answered; absent: it has none, as over HTTP/2 */
  handshakeKey: string | undefined;
  /** whether an upstream that takes no WebSocket may have it as an ordinary request, as one of HTTP/1.1 with an upgrade is */
  isPlainToo: boolean;
  /** whether it may be sent again */
  isRepeatable: boolean;
  /** whether its connection may serve another request afterwards */
  mayKeep: boolean;
  /** whether the client asked for trailers of the answer */
  wantsTrailers: boolean;
  /** trailers of the request that are passed on, in lower case */
  announced: readonly string[];
};

/** Receiver of an answer; what it throws ends the call. */
export type AnswerSink = {
  /** called when the body may be sent, and whenever more of it may be */
  onReady(): void;
  onInterim(head: AnswerHead): void;
  onHead(head: AnswerHead): void;
  /** called when a WebSocket is accepted: from here on its bytes are the receiver's */
  onSwitch(head: AnswerHead, upstream: Tunnel): void;
  onBody(chunk: Buffer): void;
  onEnd(trailers: readonly string[]): void;
  /** called when nothing more of the answer is there for now */
  onPause(): void;
  /** called when no complete answer comes; not after {@link Call.cancel} */
  onFailed(error: MessageError): void;
};

/** Request under way to an upstream, and its answer. */
export type Call = {
  start(): void;
  /** whether the upstream takes more of the body */
  readonly isReady: boolean;
  /** Sends a part of the body; false: the next one has to wait for `onReady`. */
  write(chunk: Buffer): boolean;
  /** Ends the body; an empty one may end before the upstream is there. */
  end(trailers: readonly string[]): void;
  /** Stops reading the answer for now. */
  hold(): void;
  release(): void;
  cancel(reason?: UpstreamEnd): void;
  /** Lets what was written to a WebSocket go out, within the grace of sockets, and ends it then. */
  finish(): void;
};

/** Makes the call of a request, which begins with `start`. */
export type MakeCall = (request: CallRequest, sink: AnswerSink) => Call;
