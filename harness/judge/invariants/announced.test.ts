import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { aJournal, TWO_GRACEFUL } from '../testing/hand-built-journal.ts';

const announce = (names: string[]) => {
  let upstream = 0;
  const connections = TWO_GRACEFUL.map((one) =>
    one.actor === 'client'
      ? { ...one, source: `127.0.0.1:${4000 + one.connection}` }
      : { ...one, announced: names[upstream++] ?? '' },
  );
  return judge(aJournal({ connections })).findings;
};

test('each PROXY header names a client of the round, and none twice', () => {
  expect(announce(['127.0.0.1:4001', '127.0.0.1:4000'])).toEqual([]);
  expect(announce(['127.0.0.1:4000', '127.0.0.1:5000'])).toMatchObject([
    { kind: 'invariant', invariant: 'announced', detail: '`127.0.0.1:5000`, that is no client of the round' },
  ]);
  expect(announce(['127.0.0.1:4000', '127.0.0.1:4000'])).toMatchObject([
    { invariant: 'announced', detail: '`127.0.0.1:4000`, that had been announced already' },
  ]);
  expect(announce(['127.0.0.1:4000', 'nobody'])).toMatchObject([{ invariant: 'announced' }]);
});

test('each PROXY header says where its client has connected to', () => {
  const announcing = (announcedTo: string) => {
    const connections = TWO_GRACEFUL.map((one) => {
      const name = `127.0.0.1:${4000 + one.connection}`;
      return one.actor === 'client'
        ? { ...one, source: name, destination: '127.0.0.1:443' }
        : { ...one, announced: name, announcedTo };
    });
    return judge(aJournal({ connections })).findings;
  };
  expect(announcing('127.0.0.1:443')).toEqual([]);
  expect(announcing('::ffff:127.0.0.1:443')).toEqual([]);
  expect(announcing('127.0.0.1:8443')).toMatchObject([
    { invariant: 'announced', detail: '`127.0.0.1:8443`, and its client has connected to 127.0.0.1:443' },
  ]);
});
