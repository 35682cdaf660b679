import { expect, test } from 'vitest';

import { endLineReader } from './end-line.ts';

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
