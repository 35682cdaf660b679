import { expect, test } from 'vitest';
import { chooseRoute } from './choose-route.ts';

const route = (...hosts: string[]) => ({
  settings: { name: hosts.join(), mode: 'tls-passthrough' as const, hosts, upstreams: [] },
});
const routes = [route('*'), route('*.example.org'), route('a.example.org', 'b.example.org')];

test.each([
  ['a.example.org', 'a.example.org,b.example.org'],
  ['b.example.org', 'a.example.org,b.example.org'],
  ['c.example.org', '*.example.org'],
  ['x.c.example.org', '*'],
  ['example.org', '*'],
  [undefined, '*'],
])('%s goes to %s', (serverName, expected) => {
  expect(chooseRoute(routes, serverName)?.settings.name).toBe(expected);
});

test('without `*` what fits nothing has no route', () => {
  expect(chooseRoute(routes.slice(1), 'example.org')).toBeUndefined();
  expect(chooseRoute(routes.slice(1), undefined)).toBeUndefined();
});
