import { expect, test } from 'vitest';

import { TRANSPORT_WORDS, PLAIN } from '../../scenario/transport.ts';
import { planOne } from '../../scenario/testing/plan-text.ts';
import { upstreamAlone, upstreamGap } from './upstream-gap.ts';

const SERVER = { client: TRANSPORT_WORDS.http };
const PROXY = { client: PLAIN, upstream: PLAIN };
const own = (more: string): ReturnType<typeof planOne> =>
  planOne(`about: x\nclient: [open, { wait: { opened: all } }, { wait: faulted }]\n${more}`);

test.each([
  ['a scenario that only holds its upstream', ''],
  ['one about its clients', 'faults: [{ fault: reset, side: client, when: { opened: all } }]'],
  ['one about servers', 'upstream: none'],
])('%s applies to a server', (_what, more) => {
  expect(upstreamGap(own(more), SERVER)).toBeUndefined();
});

test.each([
  ['a script', 'upstream: [{ send: 64 }]', 'they have a script for it'],
  ['a fault', 'faults: [{ fault: refused }]', 'for the fault `refused`'],
  [
    'a moment',
    'faults: [{ fault: reset, side: client, when: { established: all } }]',
    'for the fault `reset`',
  ],
])('%s of an upstream keeps a scenario from servers', (_what, more, why) => {
  expect(upstreamGap(own(more), SERVER)).toContain(why);
});

test('a shipped scenario about two sides is not for servers, one about servers not for proxies', () => {
  expect(upstreamGap({ ...own(''), kind: 'universal' }, SERVER)).toBe('need an upstream');
  expect(upstreamGap(own('upstream: none'), PROXY)).toBe('are about servers without an upstream');
});

test('a route that differs in its upstream alone is named as what is missing, or is too much', () => {
  const server = { arguments: [], client: TRANSPORT_WORDS['websocket-frames'] };
  const proxy = { ...server, upstream: TRANSPORT_WORDS['websocket-frames'] };
  const two = { route: 'websocket' };
  const alone = { route: 'websocket', server: true } as const;
  expect(upstreamAlone(two, { routes: { ws: server } })).toBe('need an upstream');
  expect(upstreamAlone(alone, { routes: { ws: proxy } })).toBe('are about servers without an upstream');
  expect(upstreamAlone({ route: 'http' }, { routes: { ws: server } })).toBeUndefined();
});
