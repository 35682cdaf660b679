import { randomBytes } from 'node:crypto';
import { valuesOf } from '../headers.ts';
import type { RawHeaders } from '../headers.ts';

/** The one protocol for which an upgrade is passed on: h2c and others would bypass every check of a request. */
export const WEBSOCKET = 'websocket';

const KEY = /^[\d+/A-Za-z]{22}==$/;
/** Fields of the handshake over HTTP/1.1, which HTTP/2 has no use for (RFC 8441, 5). */
const OF_HTTP1: ReadonlySet<string> = new Set(['sec-websocket-key', 'sec-websocket-accept']);

/** Makes the key of a handshake with an upstream. */
export function newKey(): string {
  return randomBytes(16).toString('base64');
}

/** Key of a request; undefined unless it has one, and only one. */
export function keyOf(raw: RawHeaders): string | undefined {
  const [key, ...more] = valuesOf(raw, 'sec-websocket-key');
  return key !== undefined && more.length === 0 && KEY.test(key) ? key : undefined;
}

/** Fields without those of the handshake over HTTP/1.1. */
export function withoutHandshake(raw: RawHeaders): string[] {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (!OF_HTTP1.has(raw[at]!.toLowerCase())) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}
