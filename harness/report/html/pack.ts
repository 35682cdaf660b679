import { deflateRawSync } from 'node:zlib';

import { plainText } from '../plain-text.ts';

/** Packs a value for the page: texts made safe to show, JSON, raw deflate, base64. */
export function pack(value: unknown): string {
  return deflateRawSync(JSON.stringify(harmless(value))).toString('base64');
}

/** The value with all texts, names of properties too, free of control characters and of what turns the direction of text. */
export function harmless(value: unknown): unknown {
  if (typeof value === 'string') return PLAIN.test(value) ? value : plainText(value);
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      PLAIN.test(name) ? name : plainText(name),
      harmless(inner),
    ]),
  );
}

/** Most texts by far. */
const PLAIN = /^[ -"$-9;-~]*$/;
