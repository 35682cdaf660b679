import { expect, test } from 'vitest';

import { latestReport, runPlainly } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';
import { leakIn } from './leak-in.ts';

const PROGRAMS = 'test/programs/foreign';

let out: string;
inOwnFolder((folder) => (out = folder));

test('an upstream that is a forward proxy grants, refuses and stays silent; who forgets it is found', async () => {
  const scenario = `${PROGRAMS}/scenarios/parent-proxy.yaml`;
  const { all } = await runPlainly([scenario, '--out', out]);
  expect((await latestReport(out)).counts, String(all)).toMatchObject({ passed: 5, failed: 0, error: 0 });
  const silent = ['--case', 'parent-proxy[route=connect,by=silent]'];
  await runPlainly([scenario, ...silent, '--target', `${PROGRAMS}/forgets-proxy.yaml`, '--out', out]);
  const { results } = await latestReport(out);
  expect(results[0]?.findings).toMatchObject([{ kind: 'leak', resource: 'socket', count: 20 }]);
});

test('programs and scripts with words of their own, and readers that stall over TLS, raise no alarm', async () => {
  const scenarios = ['own-words', 'refused', 'tls-stalled'].map(
    (name) => `${PROGRAMS}/scenarios/${name}.yaml`,
  );
  const { all } = await runPlainly([...scenarios, '--out', out]);
  const { results } = await latestReport(out);
  expect(
    results.map(({ id, verdict }) => [id, verdict]),
    String(all),
  ).toEqual([
    ['own-words[by=answered]', 'passed'],
    ['own-words[by=greeted]', 'passed'],
    ['own-words[by=passed-on]', 'passed'],
    ['refused[by=request]', 'passed'],
    ['refused[by=transport]', 'passed'],
    ['tls-stalled[by=slow]', 'passed'],
    ['tls-stalled[by=stalled]', 'passed'],
  ]);
  expect(results.slice(0, 3).map(({ opaque = '' }) => opaque)).toEqual([
    'its target file says `transparent: false`',
    expect.stringContaining('in the warm-up its upstreams received other bytes'),
    '',
  ]);
});

test('a universal case on a program that greets its upstream', async () => {
  const id = 'faults/mass-close[by=upstream]';
  const { all } = await runPlainly(['--case', id, '--target', `${PROGRAMS}/greets.yaml`, '--out', out]);
  expect(String(all)).toContain('bytes were not judged in 1 case: in the warm-up');
  expect((await latestReport(out)).counts).toMatchObject({ passed: 1, failed: 0 });
});

test('a gateway that announces the end of each connection is asked once on each', async () => {
  const cases = ['keep-alive', 'messages[request=get,answer=length]', 'slow-pieces[part=head]'];
  const words = cases.flatMap((name) => ['--case', `http/${name}`]);
  const { all } = await runPlainly([...words, '--target', `${PROGRAMS}/closes.yaml`, '--out', out]);
  const { results } = await latestReport(out);
  expect(
    results.map(({ id, verdict }) => [id, verdict]),
    String(all),
  ).toEqual([
    ['http/keep-alive', 'skipped'],
    ['http/messages[request=get,answer=length]', 'skipped'],
    ['http/slow-pieces[part=head]', 'passed'],
  ]);
  expect(results[0]?.reason).toContain('it asks again on a connection that the program has ended');
});

test('a gateway with few connections to its upstream is not put through cases that wait for all requests there', async () => {
  const cases = [
    'keep-alive',
    // a script waits there, and no fault
    'client-leaves[phase=unanswered,how=reset]',
    'client-left-before-answer[bytes=64]',
  ].flatMap((name) => ['--case', `http/${name}`]);
  const { all } = await runPlainly([...cases, '--target', `${PROGRAMS}/pools.yaml`, '--out', out]);
  const { results } = await latestReport(out);
  expect(
    results.map(({ id, verdict, reason }) => [id, verdict, reason]),
    String(all),
  ).toEqual([
    [
      'http/client-leaves[phase=unanswered,how=reset]',
      'skipped',
      expect.stringContaining('2 of 20 requests at a time'),
    ],
    [
      'http/client-left-before-answer[bytes=64]',
      'skipped',
      expect.stringContaining('2 of 20 requests at a time'),
    ],
    ['http/keep-alive', 'passed', undefined],
  ]);
});

test('a program that promises what the reference proxy does must let all requests through', async () => {
  const cases = ['client-leaves[phase=unanswered,how=reset]', 'client-left-before-answer[bytes=64]'];
  const words = [...cases.flatMap((name) => ['--case', `http/${name}`]), '--out', out];
  const { all } = await runPlainly([...words, '--target', `${PROGRAMS}/pools-promises.yaml`]);
  const { results } = await latestReport(out);
  expect(results, String(all)).toMatchObject([
    { verdict: 'failed', findings: expect.arrayContaining([expect.objectContaining({ kind: 'step' })]) },
    { verdict: 'error', reason: expect.stringContaining('was never applied') },
  ]);
});

test('a leak that needs two kinds of fault in one process is found, with its line', async () => {
  const target = ['--target', `${PROGRAMS}/second-fault.yaml`];
  const { all } = await runPlainly(['--case', 'faults/mixed', ...target, '--out', out]);
  const { results } = await latestReport(out);
  expect(results[0]?.findings, String(all)).toMatchObject([
    {
      kind: 'leak',
      resource: 'collection',
      where: expect.arrayContaining([expect.objectContaining(leakIn(`${PROGRAMS}/second-fault.mjs`))]),
    },
  ]);
});
