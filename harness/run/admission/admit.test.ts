import { describe, expect, test } from 'vitest';

import type { Case } from '../../scenario/case.ts';
import { planOne } from '../../scenario/testing/plan-text.ts';
import { parseTarget } from '../../targets/file/target-file.ts';
import { type Target } from '../../targets/file/target.ts';
import { type Admission, admit, type AdmissionContext } from './admit.ts';

const target = (more = ''): Target =>
  parseTarget(`about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n${more}`, {
    file: 'x.yaml',
    places: { here: '.', root: '.', lastfin: '.' },
  });

const testCase = (more = '', kind: Case['kind'] = 'universal'): Case => ({
  ...planOne(`about: x\nclient: [open, { send: 64 }, close]\n${more}`),
  kind,
});

const on = (one: Case, context: Partial<AdmissionContext> = {}): Admission =>
  admit(one, {
    target: target(),
    mode: 'auto',
    machine: { lacks: {} },
    replaced: false,
    named: false,
    ...context,
  });

test('a universal case runs on any target, in a network of its own', () => {
  expect(on(testCase())).toEqual({ as: 'run', network: 'single' });
});

describe('does not apply', () => {
  test('on another route than the one that is asked for', () => {
    expect(on(testCase(), { route: 'other' })).toEqual({
      as: 'not-applicable',
      reason: 'are for another route than `other`',
    });
    expect(on(testCase(), { route: 'tcp' })).toMatchObject({ as: 'run' });
  });

  test('without its route', () => {
    expect(on(testCase('route: http\n'))).toEqual({
      as: 'not-applicable',
      reason: 'need a route `http`',
    });
  });

  test('without its settings, which are named', () => {
    expect(on(testCase('settings: { inactivityTimeout: 1s, grace: 200ms }\n', 'contract'))).toEqual({
      as: 'not-applicable',
      reason: 'need the settings `inactivityTimeout`, `grace`',
      settings: ['inactivityTimeout', 'grace'],
    });
  });

  test('as a contract of somebody else, unless the target promises it, has its settings, or the user names the case', () => {
    const contract = testCase('', 'contract');
    expect(on(contract)).toMatchObject({
      as: 'not-applicable',
      reason: 'are contracts of the reference proxy',
    });
    expect(on(contract, { target: target('contract: true\n') })).toMatchObject({ as: 'run' });
    expect(on(contract, { named: true })).toMatchObject({ as: 'run' });
    const setting = target('settings: { grace: [--grace, "{{value}}"] }\n');
    expect(on(testCase('settings: { grace: 1s }\n', 'contract'), { target: setting })).toMatchObject({
      as: 'run',
    });
  });

  test('where the scenario is about a target of its own, unless the user names the case or has written it', () => {
    const replaced = { replaced: true };
    expect(on(testCase('target: other\n'), replaced)).toMatchObject({ as: 'not-applicable' });
    expect(on(testCase('target: other\n'), { ...replaced, named: true })).toMatchObject({ as: 'run' });
    expect(on(testCase('target: other\n', 'own'), replaced)).toMatchObject({ as: 'run' });
  });

  test('where a step or a fault waits for records, and nothing says how to read them', () => {
    const records = [
      planOne('about: x\nclient: [open, { wait: { records: 1 } }]\n'),
      testCase('faults: [{ fault: reset, side: client, when: { records: 1 } }]\n'),
    ];
    for (const one of records) {
      expect(on(one)).toMatchObject({ as: 'not-applicable', reason: expect.stringContaining('`records`') });
      expect(on(one, { target: target('publishes: { records: true }\n') })).toMatchObject({ as: 'run' });
      expect(
        on(one, { target: target('gauges: { records: { up: opened, down: closed } }\n') }),
      ).toMatchObject({
        as: 'run',
      });
    }
  });

  test('where a load has no HTTP, or a handshake cannot be as it is asked for', () => {
    expect(on(testCase('load: {}\n'))).toMatchObject({
      reason: expect.stringContaining('`load` needs http'),
    });
    const over = (text: string): string => `over: ${text}\n`;
    for (const [text, why] of [
      ['{ upstream: { tls: { certificate: none } } }', 'is for clients'],
      ['{ upstream: { tls: { resume: true } } }', 'is for clients'],
      ['{ client: { tls: { clientCertificate: required } } }', 'is for upstreams'],
      ['{ client: { tls: { stall: 2 } } }', 'its handshake stalls'],
    ] as const)
      expect(on(testCase(over(text), 'own')), text).toMatchObject({ reason: expect.stringContaining(why) });
  });

  test('where an upstream that is no proxy is to refuse, or to refuse with what grants', () => {
    const refusing = (upstream: string, answer: number | string): Admission =>
      on(testCase(`over: { upstream: { answer: ${answer} } }\n`), {
        target: target(`routes: { tcp: { client: tcp, upstream: ${upstream} } }\n`),
      });
    expect(refusing('connect', 502)).toMatchObject({ as: 'run' });
    expect(refusing('socks5', 'never')).toMatchObject({ as: 'run' });
    expect(refusing('connect', 200)).toMatchObject({ reason: expect.stringContaining('a status from 300') });
    expect(refusing('tcp', 502)).toMatchObject({
      reason: expect.stringContaining('needs an upstream that is'),
    });
  });

  test('where time would have to pass in a program that has no probe in it', () => {
    const program = parseTarget('about: x\nkind: program\ncommand: [x]\n', {
      file: 'x.yaml',
      places: { here: '.', root: '.', lastfin: '.' },
    });
    const advancing = planOne('about: x\nclient: [open, { advance: 1h }]\n');
    expect(on(advancing)).toMatchObject({ as: 'run' });
    expect(on(advancing, { target: program })).toMatchObject({ as: 'not-applicable' });
  });
});

describe('is skipped', () => {
  const namespace = { why: 'no unshare here', fix: 'install the packages util-linux' };
  const none = { mode: 'none', machine: { namespace, lacks: {} } } as const;

  test('without a network that its faults need, with what adds one', () => {
    const cable = testCase('faults: [{ fault: cable, cut: upstream, when: { opened: all } }]\n');
    expect(on(cable)).toEqual({ as: 'run', network: 'hosts' });
    expect(on(cable, none)).toMatchObject({
      as: 'skipped',
      want: { what: 'network namespaces', fix: namespace.fix },
      forWantOf: 'hosts',
    });
  });

  test('but runs where its fault can be had with less', () => {
    const silent = testCase('faults: [{ fault: timeout, side: upstream }]\n');
    expect(on(silent, none)).toEqual({ as: 'run', network: 'none' });
  });

  test('without a program that its target requires', () => {
    const wanting = target('requires: [no-such-program-anywhere]\n');
    expect(on(testCase(), { target: wanting })).toMatchObject({
      as: 'skipped',
      want: { what: 'no-such-program-anywhere', fix: 'install no-such-program-anywhere' },
    });
  });
});
