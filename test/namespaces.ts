import { test } from 'vitest';

import { namespaceObstacle } from '../harness/lab/network/namespace.ts';
import { requireAll } from './optional.ts';

/** Why there are no namespaces here; undefined where there are. */
export const obstacle = await namespaceObstacle();

/** A test that needs a namespace. With LASTFIN_REQUIRE_ALL=1 a machine that has none fails it. */
export const labTest = test.skipIf(obstacle !== undefined && !requireAll);
