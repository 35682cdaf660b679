import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printJson, shortestFloat32, type Printable } from './print.ts';

test('what it prints means the same to JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(printJson(value as Printable))).toEqual(value);
    }),
  );
});

test('escapes what Go escapes', () => {
  expect(printJson('<a href="x">&\u2028\u2029</a>')).toBe(
    String.raw`"\u003ca href=\"x\"\u003e\u0026\u2028\u2029\u003c/a\u003e"`,
  );
});

test('keeps the order of a map, and integers of any size', () => {
  expect(
    printJson(
      new Map<string, Printable>([
        ['10', 2n ** 63n],
        ['9', 1],
      ]),
    ),
  ).toBe('{"10":9223372036854775808,"9":1}');
});

test('the shortest decimal of a float32 is that float32', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(shortestFloat32(value))).toBe(value);
    }),
  );
  expect(shortestFloat32(Math.fround(0.1))).toBe(0.1);
});
