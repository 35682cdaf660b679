import { expect, test } from 'vitest';

import { endLineReader, logsReasons } from './end-line.ts';

const read = endLineReader({
  match: { event: 'connection_end' },
  fields: { id: 'id', incoming: 'in', outgoing: 'out', bytesIn: 'rx', bytesOut: 'tx' },
});

test('reads the fields that the format names', () => {
  expect(read('{"event":"connection_end","id":7,"in":"normal","rx":12,"tx":3}')).toEqual({
    id: '7',
    incoming: 'normal',
    bytesIn: 12,
    bytesOut: 3,
  });
});

test.each(['', 'plain text', '{"event":"listening"}', '{broken', '[1]', '{"event":"connection_end"'])(
  'leaves %j alone',
  (line) => {
    expect(read(line)).toBeUndefined();
  },
);

test('without a format nothing is an end', () => {
  expect(endLineReader(undefined)('{"event":"connection_end"}')).toBeUndefined();
});

test('a pattern says by the names of its groups what stands where', () => {
  const readLine = endLineReader({
    pattern: /^closed #(?<id>\d+) client=(?<incoming>\w+)(?: server=(?<outgoing>\w+))? in=(?<bytesIn>\d+)$/u,
  });
  expect(readLine('closed #7 client=normal in=12')).toEqual({
    id: '7',
    incoming: 'normal',
    bytesIn: 12,
    bytesOut: 0,
  });
  expect(readLine('closed #8 client=normal server=reset in=0')).toMatchObject({ outgoing: 'reset' });
  expect(readLine('opened #7')).toBeUndefined();
});

test.each([
  [undefined, false],
  [{ pattern: /closed (?<incoming>\w+)/u }, true],
  [{ pattern: /closed (?<id>\w+)/u }, false],
  [{ match: {}, fields: { outgoing: 'out' } }, true],
  [{ match: {}, fields: { id: 'id' } }, false],
] as const)('whether %j says reasons: %s', (format, expected) => {
  expect(logsReasons(format)).toBe(expected);
});
