import { expect, test } from 'vitest';
import { parseConfig } from '../config/config-file.ts';
import { LIMITS_BY_NAME } from '../limits/limit-table.ts';
import { flagOf } from '../limits/limit-text.ts';
import { parseFlags } from './flags.ts';

const ROUTE = "listeners: [{ listen: '[::1]:0', routes: [{ mode: tcp, upstreams: [localhost:1] }] }]";
const ADDRESSES = ['--listen', '[::1]:0', '--upstream', 'localhost:1'];

/** A value of each kind that is no default. */
const OTHERS = {
  timeout: ['7s', 7000],
  grace: ['7s', 7000],
  bytes: ['7KiB', 7168],
  count: ['7', 7],
  pool: ['7', 7],
  factor: ['7', 7],
  networks: ['[10.0.0.0/8]', ['10.0.0.0/8']],
  treatment: ['immortal', 'immortal'],
} as const;

test.each(LIMITS_BY_NAME)('%s is read from a config file', (name, { kind }) => {
  const [written, value] = OTHERS[kind];
  expect(parseConfig('x.yaml', `limits: { ${name}: ${written} }\n${ROUTE}`).settings[name]).toEqual(value);
});

test.each(LIMITS_BY_NAME.filter(([, { flag }]) => flag))(
  '%s is read from its flag',
  async (name, { kind }) => {
    const [written, value] = OTHERS[kind];
    expect((await parseFlags([...ADDRESSES, flagOf(name), written]))?.settings[name]).toEqual(value);
  },
);

test.each(LIMITS_BY_NAME.filter(([, { flag }]) => !flag))('%s has no flag', async (name) => {
  await expect(parseFlags([...ADDRESSES, flagOf(name), '7'])).rejects.toThrow('unknown option');
});
