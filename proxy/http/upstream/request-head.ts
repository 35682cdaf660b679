import type { CheckedRequest } from '../check-request.ts';
import { forwardedHeaders, headerLines } from '../headers.ts';
import type { Message } from '../message.ts';
import { announcedTrailers, trailerFields, wantsTrailers } from '../trailers.ts';

/** Only protocol for which an upgrade is passed on: h2c and others would bypass every check of a request. */
export const WEBSOCKET = 'websocket';

/** Head of a request as it goes to the upstream, and what follows from it. */
export type RequestHead = {
  text: string;
  /** whether it asks for an upgrade that is passed on */
  upgrades: boolean;
  /** whether its connection may serve another request afterwards */
  mayKeep: boolean;
  /** whether the client wants the trailers of the answer */
  wantsTrailers: boolean;
  /** names of the request's trailers that are forwarded */
  announced: string[];
};

/** Fields that end a connection after its answer. */
export const CLOSE: readonly string[] = ['Connection', 'close'];
/** Safe methods (RFC 9110, 9.2.1): what asks by them may be asked twice. */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** Methods whose body some servers do not read: it could become a request of its own on a connection that is used again. */
export const BODY_UNUSUAL: ReadonlySet<string> = new Set([...SAFE, 'DELETE']);

/** Whether a request may go on a connection that may have closed already: only then can it be sent again (RFC 9112, 9.3.1). */
export function isRepeatable({ upgrade }: Message, { method, hasBody }: CheckedRequest): boolean {
  return !hasBody && upgrade === undefined && SAFE.has(method);
}

/** @throws TypeError for a header that contains a line break */
export function requestHead({ incoming, upgrade, client }: Message, checked: CheckedRequest): RequestHead {
  const { rawHeaders, httpVersion } = incoming;
  const { method, hasBody } = checked;
  const asksFor = (incoming.headers.upgrade ?? '').toLowerCase();
  const upgrades =
    upgrade !== undefined && method === 'GET' && httpVersion === '1.1' && asksFor === WEBSOCKET;
  const mayKeep = upgrade === undefined && !(hasBody && BODY_UNUSUAL.has(method));
  const hop = upgrades ? ['Connection', 'Upgrade', 'Upgrade', WEBSOCKET] : mayKeep ? [] : CLOSE;
  const wants = httpVersion === '1.1' && method !== 'HEAD' && wantsTrailers(rawHeaders);
  const announced = checked.framing[0] === 'Transfer-Encoding' ? announcedTrailers(rawHeaders) : [];
  const forwarded = forwardedHeaders(rawHeaders, checked.host, client);
  const headers = [...forwarded, ...checked.framing, ...hop, ...trailerFields(wants, announced)];
  const text = `${method} ${checked.target} HTTP/1.1\r\n${headerLines(headers)}\r\n`;
  return { text, upgrades, mayKeep, wantsTrailers: wants, announced };
}
