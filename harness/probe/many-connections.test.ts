import { expect, test } from 'vitest';
import { afterVisits, markedLine } from './fixtures/start-fixture.ts';
import type { Report, Suspect } from './protocol.ts';

/** Program with more connections than have their stack captured. */
const PROGRAM = 'many-connections.mjs';
const VISITS = 5;
const SHORT = 300;
const CONNECT = markedLine(PROGRAM, 'connect');
const LISTENER = markedLine(PROGRAM, 'listener');

function outgoing({ suspects }: Report): Suspect[] {
  return suspects.filter(({ fingerprint }) => fingerprint.startsWith('socket outgoing'));
}

test('connections that are all left are one suspect, with the line', async () => {
  await afterVisits(PROGRAM, ['leaks'], VISITS, async ({ probe }) => {
    const [suspect, ...others] = outgoing(await probe.report());
    expect(others).toEqual([]);
    expect(suspect).toMatchObject({ resource: 'socket', rule: 'presence', count: VISITS * SHORT });
    expect(suspect?.where[0]?.line).toBe(CONNECT);
  });
}, 30_000);

test('a few that are left among many that ended are found, at least by their listeners', async () => {
  await afterVisits(PROGRAM, ['leaks late'], VISITS, async ({ probe, visit, drained }) => {
    const found = outgoing(await probe.report());
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(VISITS);
    expect(found.flatMap(({ where }) => where.map(({ line }) => line))).toContain(LISTENER);
    // a report renews the budget for stacks
    await visit(1);
    await drained();
    const later = outgoing(await probe.report());
    expect(later).toHaveLength(1);
    expect(later[0]).toMatchObject({ count: VISITS + 1 });
    expect(later[0]?.where[0]?.line).toBe(CONNECT);
  });
}, 30_000);

test('connections that take the place of others are no suspects, whichever of them had their stacks taken', async () => {
  await afterVisits(PROGRAM, ['replaces'], VISITS, async ({ probe, visit, drained }) => {
    expect(outgoing(await probe.report())).toEqual([]);
    await visit(1);
    await drained();
    expect(outgoing(await probe.report())).toEqual([]);
  });
}, 30_000);
