import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { temporaryFolder } from '../../../shared/temporary-folder.ts';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { shardOfEnvironment, shardOption, touchStatusFile } from './shard.ts';

test('--shard counts from 1', () => {
  expect(shardOption('2/4')).toEqual({ index: 2, of: 4 });
  for (const bad of ['0/4', '5/4', '2', '2/', 'a/b', '1/0', '-1/2'])
    expect(() => shardOption(bad), bad).toThrow(LastfinError);
});

describe('by the environment', () => {
  test.each<[string, NodeJS.ProcessEnv, unknown]>([
    ['Bazel', { TEST_SHARD_INDEX: '0', TEST_TOTAL_SHARDS: '3' }, { index: 1, of: 3, by: 'Bazel' }],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '7', LASTFIN_SHARDS: '8' }, { index: 8, of: 8, by: 'Kubernetes' }],
    ['CircleCI', { CIRCLE_NODE_INDEX: '1', CIRCLE_NODE_TOTAL: '2' }, { index: 2, of: 2, by: 'CircleCI' }],
    ['GitLab', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '2' }, { index: 1, of: 2, by: 'GitLab' }],
    ['one machine', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '1' }, undefined],
    ['none', {}, undefined],
    ['GitLab without parallel', { CI_NODE_TOTAL: '1' }, undefined],
  ])('%s', (_, environment, shard) => {
    expect(shardOfEnvironment(environment)).toEqual(shard);
  });

  test.each<[string, NodeJS.ProcessEnv, string]>([
    ['an index without a total', { JOB_COMPLETION_INDEX: '0' }, 'LASTFIN_SHARDS=(not set)'],
    ['an index beyond the total', { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '4' }, 'CI_NODE_INDEX=5'],
    ['no number', { TEST_SHARD_INDEX: 'x', TEST_TOTAL_SHARDS: '4' }, 'TEST_SHARD_INDEX=x'],
  ])('%s is an error: all machines would run everything', (_, environment, says) => {
    expect(() => shardOfEnvironment(environment)).toThrow(says);
  });
});

test('the status file of Bazel is touched, and one that cannot be is an error', () => {
  const folder = temporaryFolder('shard-test');
  try {
    const file = path.join(folder, 'status');
    touchStatusFile({ TEST_SHARD_STATUS_FILE: file });
    expect(existsSync(file)).toBe(true);
    expect(() => touchStatusFile({ TEST_SHARD_STATUS_FILE: path.join(folder, 'no', 'status') })).toThrow(
      'TEST_SHARD_STATUS_FILE cannot be touched',
    );
    touchStatusFile({});
  } finally {
    rmSync(folder, { recursive: true });
  }
});
