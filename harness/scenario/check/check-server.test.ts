import { expect, test } from 'vitest';

import { planOne, planText, refusal } from '../testing/plan-text.ts';

const SERVER = 'about: x\nupstream: none\n';

test('a scenario about servers says so in its case', () => {
  const plan = planOne(`${SERVER}client: [open, ask, { expect: answer }, close]\n`);
  expect(plan).toMatchObject({ server: true, upstream: [] });
  expect(plan.client.map(({ kind }) => kind)).toEqual(['open', 'ask', 'expect-answer', 'close']);
});

test.each([
  ['client: [open, { wait: { established: all } }]', '`established` can never be met'],
  ['client: [open]\nfaults: [{ fault: refused }]', '`refused` finds none to act on'],
  ['client: [open]\nfaults: [{ fault: cable, cut: upstream }]', '`cable` finds none to act on'],
  ['client: [open]\nfaults: [{ fault: shutdown, when: { established: all } }]', 'never applied'],
  ['client: [open]\naddresses: [ipv4]', 'names nobody'],
  ['client: [open]\nexpect: { upstream: { end: all } }', 'can never be met'],
  [
    'client: [open]\nfaults: [{ fault: shutdown, when: { waiting: all } }]',
    'no client has a step `wait: faulted`',
  ],
])('what needs an upstream is refused: %s', (more, message) => {
  expect(refusal(() => planText(`${SERVER}${more}\n`))).toContain(message);
});

test('steps of the client are not for the upstream', () => {
  const text = 'about: x\nclient: [open]\nupstream: [ask, { expect: answer }, { expect: failure }]\n';
  const message = refusal(() => planText(text));
  expect(message).toContain('`ask`: only the client can do that');
  expect(message).toContain('`expect`: only the client can do that');
});
