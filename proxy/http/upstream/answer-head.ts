import { valuesOf } from '../headers.ts';
import { MessageError } from '../http-fault.ts';

/** Head of an answer as it stood on the wire; the fields have the names of Node's `IncomingMessage`. */
export type AnswerHead = {
  httpVersion: '1.0' | '1.1';
  statusCode: number;
  statusMessage: string;
  /** name, value, name, value … in their order */
  rawHeaders: string[];
  /** whether trailers may come behind its body */
  mayHaveTrailers: boolean;
};

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
// oxlint-disable-next-line no-control-regex -- the check is for control characters
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const BLANKS_AROUND = /^[\t ]+|[\t ]+$/g;
const BEGINNING = 'HTTP/1.';

/**
 * Parses the head of an answer, strictly: no folded lines, no bare CR or LF, no blank before a colon (RFC 9112, 4 and 5).
 *
 * @param text latin1 text without the empty line at its end
 * @throws MessageError `bad_answer`
 */
export function parseAnswerHead(text: string): AnswerHead {
  const end = text.indexOf('\r\n');
  const [, minor, status, reason = ''] = STATUS_LINE.exec(end < 0 ? text : text.slice(0, end)) ?? [];
  if (status === undefined) throw bad('no status line of HTTP/1');
  const rawHeaders = end < 0 ? [] : parseFields(text.slice(end + 2));
  return {
    httpVersion: minor === '0' ? '1.0' : '1.1',
    statusCode: Number(status),
    statusMessage: reason,
    rawHeaders,
    mayHaveTrailers: valuesOf(rawHeaders, 'transfer-encoding').length > 0,
  };
}

/**
 * Parses lines of fields: headers or trailers, also those that are not forwarded.
 *
 * @throws MessageError `bad_answer`
 */
export function parseFields(text: string): string[] {
  const raw: string[] = [];
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name)) throw bad('a line of the head is no field');
    const value = line.slice(colon + 1).replace(BLANKS_AROUND, '');
    if (CONTROL.test(value)) throw bad('a control character in a field');
    raw.push(name, value);
  }
  return raw;
}

/** Whether bytes may be the beginning of an answer: what is none is refused before its end has come. */
export function mayBeAnswer(text: string): boolean {
  return text.length < BEGINNING.length ? BEGINNING.startsWith(text) : text.startsWith(BEGINNING);
}

function bad(why: string): MessageError {
  return new MessageError('bad_answer', why);
}
