import { readAnswers, readRequests } from './strict-reader.ts';
import type { ReadRequest } from './strict-reader.ts';
import { SERVER_NAME } from './message-grammar.ts';

/** All bytes of one client connection, latin1. */
export type Exchanged = {
  /** bytes that the client has sent */
  sent: string;
  /** bytes that each upstream connection has got, in the order in which they came */
  upstream: string[];
  /** bytes that the upstream has answered on each of them */
  answer: string;
  /** bytes that the client has got until its connection closed */
  got: string;
  /** the connection was ended by close_notify: an answer that lasts to its end was not cut */
  isNotified: boolean;
};

/** Mistakes in a proxy's handling of a client's bytes; empty if there are none. */
export function judgeExchange({ sent, upstream, answer, got, isNotified }: Exchanged): string[] {
  const asked = readRequests(sent).messages;
  return [
    ...judgeRequests(asked, upstream),
    ...judgeAnswers(asked, { answer, got, isNotified, upstreams: upstream.length }),
  ];
}

/** Never more than a strict reading allows, never another one, never for another host. */
function judgeRequests(asked: ReadRequest[], upstream: string[]): string[] {
  const begun = upstream.filter((bytes) => bytes !== '');
  if (begun.length > asked.length) return [`${begun.length} requests at the upstream, ${asked.length} sent`];
  return begun.flatMap((bytes, at) => {
    const { messages, rest } = readRequests(bytes);
    const [message] = messages;
    // a head that was cut with its client is none
    if (message === undefined) return bytes.includes('\r\n\r\n') ? ['no request at the upstream'] : [];
    const wanted = asked[at]!;
    const problems: string[] = [];
    if (messages.length > 1) problems.push('two requests on an upstream connection');
    else if (rest !== '') problems.push('bytes behind a request at the upstream');
    if (message.method !== wanted.method) problems.push(`${wanted.method} became ${message.method}`);
    const host = message.host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
    if (host !== SERVER_NAME) problems.push(`a request for ${message.host}`);
    const isSame = message.complete && wanted.complete ? message.body === wanted.body : true;
    if (!isSame || !wanted.body.startsWith(message.body)) problems.push('another body at the upstream');
    if (message.complete && !wanted.complete) problems.push('a cut request looks whole');
    return problems;
  });
}

/** Answers and nothing else: no byte behind the last one, none that looks whole although it was cut. */
function judgeAnswers(
  asked: ReadRequest[],
  {
    answer,
    got,
    isNotified,
    upstreams,
  }: Pick<Exchanged, 'answer' | 'got' | 'isNotified'> & { upstreams: number },
): string[] {
  const methods = asked.map(({ method }) => method);
  const { messages, rest } = readAnswers(got, methods);
  const problems: string[] = [];
  // a head may be cut, too
  if (rest.includes('\r\n\r\n') || (rest !== '' && !'HTTP/1.1 '.startsWith(rest.slice(0, 9)))) {
    problems.push('bytes that are no answer');
  }
  // every request has one, and what was none has another
  if (messages.length > asked.length + 1) problems.push(`${messages.length} answers, ${asked.length} sent`);
  const passed = messages.slice(0, upstreams).filter(({ status }) => status < 400);
  for (const [at, message] of passed.entries()) {
    const [real] = readAnswers(answer, methods.slice(at)).messages;
    const looksWhole = message.complete && (!message.lastsToEnd || isNotified);
    if (looksWhole && real?.complete !== true && message.status !== 101) {
      problems.push(real === undefined ? 'an answer that was none' : 'a cut answer looks whole');
    }
    if (real !== undefined && !real.body.startsWith(message.body)) problems.push('another body');
  }
  return problems;
}
