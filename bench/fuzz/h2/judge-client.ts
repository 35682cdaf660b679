import { readAnswers, readRequests } from '../http/strict-reader.ts';
import { SERVER_NAME } from '../http/message-grammar.ts';
import { contentOf, FLAG, PREFACE, readFrames, TYPE } from './frames.ts';
import type { Frame } from './frames.ts';

/** All bytes of one client connection over HTTP/2. */
export type ClientExchange = {
  sent: Buffer;
  /** bytes that each upstream connection has got, latin1 */
  upstream: readonly string[];
  /** bytes that the upstream has answered on each of them, latin1 */
  answer: string;
  got: Buffer;
};

/** Mistakes in a proxy's handling of a client's bytes; empty if there are none. */
export function judgeClient({ sent, upstream, answer, got }: ClientExchange): string[] {
  const { frames } = readFrames(sent.subarray(PREFACE.length));
  const asked = frames.filter(({ type }) => type === TYPE.headers).length;
  return [...judgeRequests(asked, upstream), ...judgeAnswers(answer, got)];
}

function judgeRequests(asked: number, upstream: readonly string[]): string[] {
  const begun = upstream.filter((bytes) => bytes !== '');
  if (begun.length > asked) return [`${begun.length} requests at the upstream, ${asked} sent`];
  return begun.flatMap((bytes) => {
    const { messages, rest } = readRequests(bytes);
    const [message] = messages;
    if (message === undefined) return bytes.includes('\r\n\r\n') ? ['no request at the upstream'] : [];
    const problems: string[] = [];
    if (messages.length > 1) problems.push('two requests on an upstream connection');
    else if (rest !== '') problems.push('bytes behind a request at the upstream');
    const host = message.host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
    if (host !== SERVER_NAME) problems.push(`a request for ${message.host}`);
    if (message.target.includes('smuggled')) problems.push('a smuggled request');
    return problems;
  });
}

/** Answers with the status 200 that look whole have been so. */
function judgeAnswers(answer: string, got: Buffer): string[] {
  const { frames } = readFrames(got);
  const real = ['GET', 'HEAD'].map((method) => readAnswers(answer, [method]).messages[0]);
  const problems: string[] = [];
  for (const [stream, all] of byStream(frames)) {
    const head = all.find(({ type }) => type === TYPE.headers);
    if (head === undefined || !isOk(head.payload)) continue;
    const isWhole = all.some(({ flags, type }) => type <= TYPE.headers && (flags & FLAG.endStream) !== 0);
    const body = Buffer.concat(all.filter(({ type }) => type === TYPE.data).map(contentOf)).toString(
      'latin1',
    );
    const candidates = real.filter((message) => message !== undefined && message.body.startsWith(body));
    if (candidates.length === 0) problems.push(`stream ${stream}: another body`);
    const matches = candidates.some((message) => message?.complete === true && message.body === body);
    if (isWhole && !matches) problems.push(`stream ${stream}: a cut answer looks whole`);
  }
  return problems;
}

function byStream(frames: readonly Frame[]): Map<number, Frame[]> {
  const streams = new Map<number, Frame[]>();
  for (const one of frames) {
    if (one.stream === 0) continue;
    streams.set(one.stream, [...(streams.get(one.stream) ?? []), one]);
  }
  return streams;
}

/** Whether a head begins with the status 200, behind sizes of the table. */
function isOk(block: Buffer): boolean {
  let at = 0;
  while ((block[at]! & 0xe0) === 0x20) {
    const isLong = (block[at]! & 0x1f) === 0x1f;
    at += 1;
    if (isLong) while ((block[at++]! & 0x80) !== 0);
  }
  return block[at] === 0x88;
}
