import { afterEach, expect, test } from 'vitest';

import { PipeContext } from '../testing/pipe-context.ts';
import { recover } from './recover.ts';
import { runExchanges } from './run-round.ts';

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

test('a target that serves all new connections has recovered', async () => {
  pipe = await PipeContext.open();
  await recover(pipe.context, { count: 4 });
  expect(pipe.accepted).toBe(4);
  expect(pipe.entries('recovery')).toEqual([expect.objectContaining({ asked: 4, served: 4 })]);
  expect(pipe.entries('recovery')[0]).not.toHaveProperty('failure');
});

test('a target that has refused the first connections for the same reason is not told of', async () => {
  pipe = await PipeContext.open();
  pipe.stopListening();
  await runExchanges(pipe.context, { round: 0, count: 2, deadline: 2000 });
  await recover(pipe.context, { count: 2 });
  expect(pipe.entries('recovery')).toEqual([]);
  expect(pipe.entries('blind')).toMatchObject([
    { what: expect.stringContaining('the first ones were not either') },
  ]);
});

test('a target that refuses new connections has not recovered', async () => {
  pipe = await PipeContext.open();
  pipe.stopListening();
  await recover(pipe.context, { count: 2 });
  expect(pipe.entries('recovery')).toEqual([
    expect.objectContaining({
      asked: 2,
      served: 0,
      failure: expect.stringContaining('open: the client saw `refused`') as string,
    }),
  ]);
});
