import { expect, test } from 'vitest';
import { parseConfig } from '../config/config-file.ts';
import { ignoredChanges } from './reload-warning.ts';

const config = (head: string, upstream = '127.0.0.1:2') =>
  parseConfig(
    'proxy.yaml',
    `${head}\nlisteners: [{ listen: 127.0.0.1:1, routes: [{ mode: tcp, upstreams: [${upstream}] }] }]\n`,
  );

test('listeners and routes can change, and what is said in another way is the same', () => {
  expect(ignoredChanges(config(''), config('', '127.0.0.1:3'))).toEqual([]);
  expect(ignoredChanges(config('limits: { grace: 2s }'), config('limits: { grace: 2000ms }'))).toEqual([]);
  expect(ignoredChanges(config(''), config('limits: { connectTimeout: 10s }'))).toEqual([]);
});

test('limits, log and admin cannot', () => {
  const before = config('log: info\nlimits: { maxConnections: 5, deny: [10.0.0.0/8] }');
  const after = config('log: warn\nadmin: 127.0.0.1:9\nlogRepeats: all\nlimits: { maxConnections: 6 }');
  expect(ignoredChanges(before, after)).toEqual([
    'admin',
    'limits.deny',
    'limits.maxConnections',
    'log',
    'logRepeats',
  ]);
});
