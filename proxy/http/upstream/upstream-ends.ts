/**
 * Reasons for which connections to HTTP upstreams end, each once. The names are public: metrics use them.
 *
 * - `answered`: it could not serve another request: the upstream or the client wanted it closed, or a doubt was left
 * - `client`: the client left, or its request failed
 * - `failed`: no complete answer came
 * - `stale`: it had closed before a repeatable request reached it, which was repeated on another one
 * - `closed`: closed by the upstream, or by an error, while it was idle
 * - `surplus`: bytes came that nobody had asked for
 * - `idle`: idle for too long
 * - `full`: the pool had no room for it
 */
export const UPSTREAM_ENDS = [
  'answered',
  'upgraded',
  'client',
  'failed',
  'stale',
  'not_connected',
  'closed',
  'surplus',
  'idle',
  'full',
  'shutdown',
] as const;

export type UpstreamEnd = (typeof UPSTREAM_ENDS)[number];
