import type { Attacked } from './attacking-upstream.ts';
import { contentOf, FLAG, readFrames, TYPE } from './frames.ts';
import type { Frame } from './frames.ts';
import type { Seen } from './honest-client.ts';

/** Request of an honest client, and its answer. */
export type Asked = {
  method: string;
  /** path, which stands literally in the request at the upstream */
  path: string;
  hasBody: boolean;
  /** undefined: the client has left before */
  seen: Seen | undefined;
};

/** Streams that the proxy gives a request in all. */
const MOST = 3;
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);
const REFUSED_STREAM = 7;
/** Statuses whose answers have no content (RFC 9110, 15.3.5, 15.3.6 and 15.4.5), whatever an upstream sends. */
const BODILESS = new Set([204, 205, 304]);

/** Stream on which a request came to the upstream, and what the upstream sent on it. */
type Arrival = { stream: number; isUnprocessed: boolean; candidates: Frame[] };

/** Mistakes in the handling of an upstream's bytes; empty if there are none. */
export function judgeUpstream(asked: readonly Asked[], connections: readonly Attacked[]): string[] {
  const read = connections.map(({ sent, requests }) => {
    const { frames } = readFrames(Buffer.concat(sent));
    return { frames, requests };
  });
  return asked.flatMap((request) => {
    const arrivals = read.flatMap(({ frames, requests }) =>
      requests
        .filter(({ block }) => block.includes(request.path))
        .map(({ stream }) => arrivalOf(stream, frames)),
    );
    return [...judgeArrivals(request, arrivals), ...judgeAnswer(request, arrivals)];
  });
}

function arrivalOf(stream: number, frames: readonly Frame[]): Arrival {
  const isUnprocessed = frames.some(
    ({ type, payload, stream: of }) =>
      (type === TYPE.reset &&
        of === stream &&
        payload.length === 4 &&
        payload.readUInt32BE(0) === REFUSED_STREAM) ||
      (type === TYPE.goaway && payload.length >= 8 && (payload.readUInt32BE(0) & 0x7f_ff_ff_ff) < stream),
  );
  return { stream, isUnprocessed, candidates: frames.filter(({ stream: of }) => of === stream) };
}

/** A request that may have been processed is repeated only if it is safe to. */
function judgeArrivals({ method, path, hasBody }: Asked, arrivals: readonly Arrival[]): string[] {
  if (arrivals.length > MOST) return [`${method} ${path} came ${arrivals.length} times`];
  if (REPEATABLE.has(method) && !hasBody) return [];
  const taken = arrivals.filter(({ isUnprocessed }) => !isUnprocessed);
  const isTwice =
    arrivals.length > 1 && (taken.length > 1 || arrivals.slice(0, -1).some((one) => !one.isUnprocessed));
  return isTwice
    ? [`${method} ${path} came ${arrivals.length} times, although it may have been processed`]
    : [];
}

/** An answer that looks whole has been so, on a stream of this request. */
function judgeAnswer({ method, path, seen }: Asked, arrivals: readonly Arrival[]): string[] {
  if (seen === undefined) return [];
  if (seen.late) return [`${method} ${path} is not answered`];
  // answers of the proxy itself
  if (!seen.isWhole || seen.status >= 400) return [];
  // nothing of it can be cut
  if (seen.body === '' && (method === 'HEAD' || BODILESS.has(seen.status))) return [];
  const isWhole = arrivals.some(({ candidates }) => isSame(candidates, seen, method));
  const problems = isWhole ? [] : [`${method} ${path}: a cut answer looks whole`];
  const hasLength = seen.length !== undefined && method !== 'HEAD' && seen.status !== 304;
  if (hasLength && Number(seen.length) !== seen.body.length)
    problems.push(`${method} ${path}: another length`);
  return problems;
}

/** Whether an upstream's frames are an answer that has ended, with the body that the client has got. */
function isSame(frames: readonly Frame[], { body, length }: Seen, method: string): boolean {
  const end = frames.findIndex(({ type, flags }) => type <= TYPE.headers && (flags & FLAG.endStream) !== 0);
  const before = end < 0 ? frames : frames.slice(0, end + 1);
  const content = Buffer.concat(before.filter(({ type }) => type === TYPE.data).map(contentOf)).toString(
    'latin1',
  );
  // a client of HTTP/1.1 has the whole body by its length, although the stream is cut behind it
  const hasEnd = end >= 0 || (length !== undefined && Number(length) === content.length);
  const isReset = before.some(({ type }) => type === TYPE.reset);
  return hasEnd && (!isReset || Number(length) === content.length) && (content === body || method === 'HEAD');
}
