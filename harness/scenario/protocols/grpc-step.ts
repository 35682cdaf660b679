/** Doing of a gRPC call, on one stream of HTTP/2. */
export type GrpcAct =
  /** client: begin a call; ms that it may take, which the upstream is told */
  | { type: 'call'; path: string; timeout?: number }
  /** message of patterned bytes */
  | { type: 'message'; bytes: number }
  /** client: no more messages follow (half-close) */
  | { type: 'end' }
  /** upstream: end the call with this status, in trailers or, before any message, in the head */
  | { type: 'status'; code: number; text: string };

/** Part of a gRPC call that a script waits for. */
export type ExpectedGrpc =
  | { type: 'message'; bytes: number }
  /** upstream: the client has said that no more messages follow */
  | { type: 'end' }
  /** client: the call is over with one of these statuses; `failed`: with any but 0 */
  | { type: 'status'; codes: number[] | 'failed' };

/** Step that only gRPC has. */
export type GrpcStep = { kind: 'grpc'; act: GrpcAct } | { kind: 'expect-grpc'; part: ExpectedGrpc };

/** Path of calls where a script names none. */
export const GRPC_PATH = '/lastfin.Test/Call';
