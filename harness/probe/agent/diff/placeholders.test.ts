import { expect, test } from 'vitest';
import { afterVisits } from '../../fixtures/start-fixture.ts';
import type { Report } from '../../protocol.ts';

const TIMES = 5;

type Looked = { first: Report; again: Report; later: Report };

/** Reports with placeholders: after some visits, after none, and after more visits. */
function look(leak: string): Promise<Looked> {
  return afterVisits('leaky-server.mjs', [leak, 'leaky'], TIMES, async ({ probe, visit, drained }) => {
    const first = await probe.report({ placeholders: true });
    const again = await probe.report();
    await visit(2 * TIMES);
    await drained();
    return { first, again, later: await probe.report() };
  });
}

const numbers = ({ suspects }: Report): string[] => suspects.map(({ fingerprint }) => fingerprint);

test.each(['map-in-class', 'retained-by-chain', 'retained-in-map'])(
  '%s has a number until there is more of it, and then a name',
  async (leak) => {
    const { first, again, later } = await look(leak);
    expect(first.suspects).not.toEqual([]);
    for (const suspect of first.suspects) {
      expect(suspect).toMatchObject({ rule: 'growth', count: TIMES });
      expect(suspect.fingerprint).toMatch(/ #\d+\./);
      expect(suspect.path).toBeUndefined();
    }
    // nothing was added, so no snapshot was taken
    expect(numbers(again)).toEqual(numbers(first));
    expect(again.suspects.every(({ path }) => path === undefined)).toBe(true);

    expect(Object.keys(later.names ?? {}).toSorted()).toEqual(numbers(first).toSorted());
    const given = Object.values(later.names ?? {}).flat();
    expect([...new Set(given.map(({ fingerprint }) => fingerprint))].toSorted()).toEqual(
      numbers(later).toSorted(),
    );
    for (const { path } of later.suspects) expect(path).toBeDefined();
  },
);

test('a collection is told with what it had when it was given its number', async () => {
  const { later } = await look('map-in-class');
  expect(later.suspects).toMatchObject([{ path: 'Registry.records', count: 3 * TIMES }]);
  const [given] = Object.values(later.names ?? {}).flat();
  expect(given).toMatchObject({ share: 1, sample: 'Map Registry.records went from 5 to 10 entries' });
});

test('sockets that hang on a leak with a number are counted there once it has a name', async () => {
  const { first, later } = await look('retained-in-map');
  expect(later.suspects).toMatchObject([
    { path: 'byAddress', alsoRetains: 3 * TIMES },
    { resource: 'retained-socket', count: 3 * TIMES, heldBy: later.suspects[0]?.fingerprint },
  ]);
  for (const { resource, fingerprint } of first.suspects) {
    if (resource !== 'retained-socket') continue;
    const held = { fingerprint: later.suspects[1]?.fingerprint, share: 1 };
    expect(later.names?.[fingerprint]).toEqual([held]);
  }
});

test('open sockets are a leak by themselves: what has grown with them has its name at once', async () => {
  const { first } = await look('map-of-sockets');
  expect(first.suspects.find(({ resource }) => resource === 'collection')?.path).toBe('byAddress');
});
