import { closeSync, openSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Shard } from '../../report/run-report.ts';

/** Parses the value of `--shard`: `2/4`. @throws LastfinError `LASTFIN_USAGE` */
export function shardOption(value: string): Shard {
  const [, index = '', of = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index !== '' && shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--shard takes a part such as 2/4, from 1/4 to 4/4, not \`${value}\``,
  );
}

type Convention = {
  of: string;
  index: string;
  total: string;
  /** number of the first shard */
  first: 0 | 1;
};

/** Variables by which systems of CI number the machines of a run. */
const CONVENTIONS: readonly Convention[] = [
  { of: 'Bazel', index: 'TEST_SHARD_INDEX', total: 'TEST_TOTAL_SHARDS', first: 0 },
  { of: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', total: 'LASTFIN_SHARDS', first: 0 },
  { of: 'CircleCI', index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', first: 0 },
  { of: 'GitLab', index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', first: 1 },
];

/**
 * Shard of this machine by its environment; undefined where it names none, or only one.
 *
 * @returns the shard, and the system whose variables say so
 * @throws LastfinError `LASTFIN_USAGE` for variables that make no shard: to run everything on each machine would be no better
 */
export function shardOfEnvironment(environment: NodeJS.ProcessEnv): (Shard & { by: string }) | undefined {
  const found = CONVENTIONS.find(({ index }) => (environment[index] ?? '') !== '');
  if (found === undefined) return undefined;
  const total = environment[found.total] ?? '';
  const said = environment[found.index] ?? '';
  const shard = { index: Number(said) + 1 - found.first, of: Number(total) };
  if (!/^\d{1,6}$/.test(said) || !/^\d{1,6}$/.test(total) || shard.index < 1 || shard.index > shard.of) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `the environment makes no shard: ${found.index}=${said}, ${found.total}=${total || '(not set)'} (${found.of}, counted from ${found.first}); ` +
        `set ${found.total} to the number of shards, or say --shard 1/1 for the whole suite`,
    );
  }
  return shard.of === 1 ? undefined : { ...shard, by: found.of };
}

/** Tells Bazel that this test runs only its part; without that it refuses to shard it. */
export function touchStatusFile(environment: NodeJS.ProcessEnv): void {
  const file = environment['TEST_SHARD_STATUS_FILE'];
  if (file === undefined || file === '') return;
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LastfinError('LASTFIN_USAGE', `TEST_SHARD_STATUS_FILE cannot be touched: ${why}`, {
      cause: error,
    });
  }
}
