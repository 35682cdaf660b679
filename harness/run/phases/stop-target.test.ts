import { afterEach, expect, test } from 'vitest';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Observer } from '../../probe/observer.ts';
import type { Exit } from '../../targets/process/target-process.ts';
import { PipeContext, runningTarget } from '../testing/pipe-context.ts';
import { stopTarget } from './stop-target.ts';

const stop = { signal: 'SIGTERM', grace: 80 } as const;

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

/** A target that exits on these signals. */
async function targetThatExitsOn(signals: string[], alive?: Observer['alive']): Promise<string[]> {
  const seen: string[] = [];
  let exit: (exit: Exit) => void = () => undefined;
  const exited = new Promise<Exit>((resolve) => {
    exit = resolve;
  });
  const get = (signal: string): void => {
    seen.push(signal);
    const byItself = signal === 'SIGTERM';
    if (!signals.includes(signal)) return;
    exit({ code: byItself ? 0 : null, signal: byItself ? null : signal, at: performance.now() });
  };
  pipe = await PipeContext.open({
    target: runningTarget(exited, {
      signal: get,
      kill: () => {
        get('SIGKILL');
        return Promise.resolve();
      },
    }),
    observer: () => (alive === undefined ? {} : { alive }),
  });
  return seen;
}

test('a target that exits when told to is within its grace', async () => {
  const seen = await targetThatExitsOn(['SIGTERM', 'SIGKILL']);
  const exit = await stopTarget(pipe.context, { stop, alreadyAsked: false });
  expect(exit).toMatchObject({ asked: true, within: true, code: 0, grace: 80 });
  expect(exit).not.toHaveProperty('alive');
  expect(seen).toEqual(['SIGTERM']);
});

test('a target that stays is killed, and whatever keeps it alive is noted', async () => {
  const seen = await targetThatExitsOn(['SIGKILL'], () =>
    Promise.resolve({ alive: [{ what: 'a timer', where: [] }] }),
  );
  const exit = await stopTarget(pipe.context, { stop, alreadyAsked: false });
  expect(exit).toMatchObject({ within: false, signal: 'SIGKILL', alive: [{ what: 'a timer' }] });
  expect(seen).toEqual(['SIGTERM', 'SIGKILL']);
});

test('a target that a fault has told to stop is not told again', async () => {
  const seen = await targetThatExitsOn(['SIGKILL']);
  await stopTarget(pipe.context, { stop, alreadyAsked: true });
  expect(seen).toEqual(['SIGKILL']);
});

test('a probe that does not answer is no reason to fail: the state of the process is told instead', async () => {
  await targetThatExitsOn(['SIGKILL'], () =>
    Promise.reject(new LastfinError('LASTFIN_PROBE', 'no answer within 5 s')),
  );
  const exit = await stopTarget(pipe.context, { stop, alreadyAsked: false });
  expect(exit.alive).toHaveLength(1);
  expect(exit.alive?.[0]?.what).toMatch(/no answer|its main thread|its process/);
});
