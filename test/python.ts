import { spawnSync } from 'node:child_process';

/** Whether `python3` is here; where it must be (LASTFIN_REQUIRE_ALL=1) its tests run and fail. */
export const hasPython: boolean =
  process.env['LASTFIN_REQUIRE_ALL'] === '1' || spawnSync('python3', ['--version']).status === 0;
