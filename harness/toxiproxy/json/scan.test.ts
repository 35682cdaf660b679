import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toPlain } from './plain.ts';
import { scanJson, type JsonValue } from './scan.ts';

test('reads whatever JSON.stringify writes', () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1, 2), (value, indent) => {
      expect(toPlain(scanJson(Buffer.from(JSON.stringify(value, null, indent))))).toEqual(value);
    }),
  );
});

test('takes exactly what JSON.parse takes, when nothing follows', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    ':',
    ',',
    '1',
    '-',
    '0',
    '.',
    'e',
    'null',
    'tru',
    ' ',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      // A value may be followed by anything: a closing space makes what follows visible.
      const scan = (): JsonValue => scanJson(Buffer.from(`[${text}]`));
      if (valid) expect(scan).not.toThrow();
      else if (!isList(text)) expect(scan).toThrow();
    }),
    { numRuns: 2000 },
  );
});

/** Whether the text is several values with commas between, or none. */
function isList(text: string): boolean {
  try {
    JSON.parse(`[${text}]`);
    return true;
  } catch {
    // `1],[2`: the first value is complete and the rest is ignored.
    return /\]/.test(text);
  }
}

test('never fails but with words for it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        scanJson(bytes);
      } catch (error) {
        expect((error as Error).name).toBe('JsonSyntaxError');
      }
    }),
  );
});

test('a lone surrogate becomes U+FFFD, a pair stays', () => {
  expect(scanJson(Buffer.from(String.raw`"\ud800"`))).toEqual({ kind: 'string', value: '\ufffd' });
  expect(scanJson(Buffer.from(String.raw`"\ud83d\ude00"`))).toEqual({ kind: 'string', value: '😀' });
});
