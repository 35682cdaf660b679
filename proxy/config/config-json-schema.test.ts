import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from './config-file.ts';
import { configJsonSchema } from './config-json-schema.ts';

const schema = z.fromJSONSchema(configJsonSchema());

/** Config files shown in a page of the documentation. */
function examples(name: string): string[] {
  const page = readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');
  return [...page.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, text]) => text ?? []);
}

test.each(['proxy.md', 'generated/proxy-limits.md'])('the examples of docs/%s fulfil it', (name) => {
  expect(examples(name)).not.toHaveLength(0);
  for (const text of examples(name)) expect(schema.safeParse(parse(text)).error).toBeUndefined();
});

test('the defaults on the page of limits are those that hold without any', () => {
  const [written = ''] = examples('generated/proxy-limits.md');
  const listeners = written.slice(written.indexOf('listeners:'));
  expect(parseConfig('written', written)).toEqual(parseConfig('none', listeners));
});

const LISTENERS = "listeners: [{ listen: '[::1]:0', routes: [{ mode: tcp, upstreams: [localhost:1] }] }]";

test.each([
  ['an IPv6 address', LISTENERS],
  ['plain numbers', `limits: { grace: 100, inactivityTimeout: 0 }\n${LISTENERS}`],
  ['off', `limits: { maxLifetime: off, connectTimeout: 1.5s }\n${LISTENERS}`],
])('takes %s', (_, text) => {
  expect(schema.safeParse(parse(text)).error).toBeUndefined();
});

test.each([
  ['no listeners', 'log: info'],
  ['an unknown key', `limits: { gracee: 2s }\n${LISTENERS}`],
  ['a duration that is none', `limits: { grace: long }\n${LISTENERS}`],
  ['a grace without an end', `limits: { grace: off }\n${LISTENERS}`],
  ['an unknown mode', LISTENERS.replace('tcp', 'tcpp')],
  ['an address without a port', LISTENERS.replace('localhost:1', 'localhost')],
  ['a route that lacks its certificate', LISTENERS.replace('mode: tcp', 'mode: tls-terminate, hosts: [a]')],
])('refuses %s', (_, text) => {
  expect(schema.safeParse(parse(text)).success).toBe(false);
});
