import { afterEach, expect, test } from 'vitest';

import { emptySample, type Observer } from '../../probe/observer.ts';
import { grown, PipeContext } from '../testing/pipe-context.ts';
import { watchMemory } from './watch-memory.ts';

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

/** Watches a target whose memory, in KiB, follows from the connections that it has accepted. */
async function watch(
  memory: (accepted: number) => number,
  objects: Observer['objects'] = () => Promise.resolve({ suspects: [], took: 0 }),
): Promise<number[]> {
  pipe = await PipeContext.open({
    observer: (around) => ({ memory: () => Promise.resolve(memory(around.accepted)), objects }),
  });
  await watchMemory(pipe.context, { last: 3 });
  return pipe.entries('memory').map(({ round }) => round);
}

test('memory that grows by more than any collector leaves ends the watch after four rounds', async () => {
  expect(await watch((accepted) => 20_000 + 100 * accepted)).toEqual([4, 5, 6, 7]);
  expect(pipe.entries('memory').at(-1)).toMatchObject({ before: 20_000, memory: 32_000, connections: 30 });
});

test('a heap that is made larger once does not end the watch: a leak beside it would be missed', async () => {
  // by 50 MiB in the third round
  const larger = (accepted: number): number => 20_000 + (accepted > 60 ? 50_000 : 0);
  const rounds = await watch((accepted) => larger(accepted) + 300 * accepted);
  expect(rounds.length).toBeGreaterThan(4);
  expect(pipe.entries('memory').at(-1)?.memory).toBeGreaterThan(20_000 + 50_000 / 0.6);
});

test('level memory ends the watch once objects were counted too', async () => {
  expect(await watch(() => 20_000)).toEqual([4, 5, 6, 7, 8, 9]);
});

test('a round that the target refuses ends the watch, and the report says what was not seen', async () => {
  pipe = await PipeContext.open({ most: 40, observer: () => ({ memory: () => Promise.resolve(20_000) }) });
  await watchMemory(pipe.context, { last: 3 });
  expect(pipe.entries('memory').map(({ round }) => round)).toEqual([4]);
  expect(pipe.entries('blind')).toMatchObject([{ what: expect.stringContaining('memory') }]);
});

test('objects that go on growing are counted up to the twelfth round, and written there', async () => {
  const asked: number[] = [];
  const rounds = await watch(
    () => 20_000,
    (connections) => {
      asked.push(connections);
      return Promise.resolve({ suspects: [grown(connections, { resource: 'memory' })], took: 0 });
    },
  );
  expect(rounds).toHaveLength(12);
  // the first count begins anew
  expect(asked).toEqual([0, 60, 60, 90, 90]);
  expect(pipe.entries('memory').map(({ objects }) => objects?.length ?? 0)).toEqual([
    ...Array.from({ length: 11 }, () => 0),
    1,
  ]);
});

test('memory of connections that are not over yet is no growth, even where an earlier round was late', async () => {
  let isOver = false;
  pipe = await PipeContext.open({
    observer: (around) => ({
      sample: () => {
        isOver = true;
        // the first round is late, so that no other is waited for
        const held = around.entries('memory').length === 0 ? 1 : 0;
        return Promise.resolve({ ...emptySample(), gauges: { held } });
      },
      memory: () => {
        const kept = isOver ? 20_000 : 40_000;
        isOver = false;
        return Promise.resolve(kept);
      },
    }),
  });
  isOver = true;
  await watchMemory(pipe.context, { last: 3 });
  expect(pipe.entries('memory').map(({ memory }) => memory)).toEqual(Array.from({ length: 6 }, () => 20_000));
});
