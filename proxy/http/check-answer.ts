import { endToEndHeaders, lengthOf, valuesOf } from './headers.ts';
import { MessageError } from './http-fault.ts';
import type { AnswerHead } from './upstream/answer-head.ts';

/** Most interim answers accepted before the final one. RFC 9110, 15.2 allows any number; nobody needs more. */
export const MAX_INTERIM = 100;

/** Answer that can be written to the client as it is. */
export type CheckedAnswer = { status: number; reason: string; headers: string[] };

/**
 * Checks a final answer of an upstream and picks the headers to forward. A Content-Length is kept; any other framing is chosen
 * anew for each client.
 *
 * @throws MessageError `bad_answer` for an answer that two readers could understand differently
 */
export function checkAnswer(answer: AnswerHead): CheckedAnswer {
  const { rawHeaders: raw, statusCode: status, statusMessage: reason, httpVersion } = answer;
  if (status < 200 || status > 599) throw bad(`the status ${status}`);
  if (!isText(reason)) throw bad('control characters in the reason');
  if (!raw.every((text) => isText(text))) throw bad('control characters in a header');
  const encodings = valuesOf(raw, 'transfer-encoding');
  if (encodings.length > 0 && (encodings.length > 1 || encodings[0]!.toLowerCase() !== 'chunked')) {
    throw bad('Transfer-Encoding is not chunked');
  }
  const length = lengthOf(raw, bad);
  if (encodings.length > 0 && (length !== undefined || httpVersion === '1.0'))
    throw bad('both Content-Length and Transfer-Encoding, or an encoding in HTTP/1.0');
  // RFC 9110, 8.6: no length where there never is a body
  const framing = length === undefined || status === 204 ? [] : ['Content-Length', length];
  return { status, reason, headers: [...endToEndHeaders(raw), ...framing] };
}

/** Checks an interim answer, which is not passed on: one that could not be written is as bad as a final one. */
export function checkInterim({ statusMessage, rawHeaders }: AnswerHead): void {
  if (![statusMessage, ...rawHeaders].every((text) => isText(text))) throw bad('control characters');
  // RFC 9112, 6.1: a reader that believes it finds a body
  if (valuesOf(rawHeaders, 'transfer-encoding').length > 0)
    throw bad('an interim answer with Transfer-Encoding');
  // the same with a length that two readers could understand differently
  lengthOf(rawHeaders, bad);
}

/** Checks an answer that accepts an upgrade: it must switch to the protocol that was asked for. */
export function checkSwitch(answer: AnswerHead, protocol: string): CheckedAnswer {
  const { rawHeaders: raw, statusMessage: reason } = answer;
  if (answer.statusCode !== 101 || !isText(reason)) throw bad('no answer to an upgrade');
  const protocols = valuesOf(raw, 'upgrade');
  if (protocols.length !== 1 || protocols[0]!.toLowerCase() !== protocol) {
    throw bad('an upgrade to a protocol that was not requested');
  }
  const headers = [...endToEndHeaders(raw), 'Connection', 'Upgrade', 'Upgrade', protocol];
  return { status: 101, reason, headers };
}

function isText(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

function bad(why: string): MessageError {
  return new MessageError('bad_answer', why);
}
