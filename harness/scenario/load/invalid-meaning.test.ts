import { describe, expect, test } from 'vitest';
import { planText, refusal } from '../testing/plan-text.ts';

/** Changes some keys of a sound scenario; gives the first line of each problem. */
function refused(changes: Record<string, string>): string[] {
  const keys = { about: 'x', connections: '20', client: '[open]', ...changes };
  const text = Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`);
  return refusal(() => planText(text.join('')))
    .split('\n')
    .filter((line) => line.startsWith('x.yaml'));
}

test('with its frame', () => {
  expect(refusal(() => planText('about: x\nclient:\n  - send: 64\n  - reset\n  - send: 1\n')))
    .toMatchInlineSnapshot(`
      "x.yaml:3:5: the client's first step must be \`open\`, not \`send\`
        1 | about: x
        2 | client:
      > 3 |   - send: 64
          |     ^^^^^^^^
        4 |   - reset

      x.yaml:5:5: \`send\` after \`reset\`: the connection has ended, only \`wait\`, \`look\` and \`advance\` can follow
        3 |   - send: 64
        4 |   - reset
      > 5 |   - send: 1
          |     ^^^^^^^"
    `);
});

describe('time that passes', () => {
  test('is said by the client, and for all connections at once', () => {
    expect(refused({ upstream: '[advance: 1h]' })).toEqual([
      "x.yaml:4:12: `advance` belongs into the client's script",
    ]);
    expect(refused({ connections: '{ count: 20, concurrent: 5 }', client: '[open, advance: 1h]' })).toEqual([
      'x.yaml:3:16: `advance` waits for all 20 connections, but only 5 run at a time',
    ]);
    expect(refused({ client: '[open, advance: 1y]' })[0]).toContain('must be a duration from 1ms to 720h');
  });

  test('passes after a connection has ended, too', () => {
    expect(planText('about: x\nclient: [open, close, advance: 4h]\n')).toHaveLength(1);
  });
});

describe('the order of steps', () => {
  test.each([
    ['[send: 1]'],
    ['[open, open]'],
    ['[open, reset, send: 1]'],
    ['[open, close, reset]'],
    ['[open, abandon, expect: end]'],
    ['[open, half-close, send: 1]'],
    ['[open, half-close, raw: x]'],
    ['[open, half-close, request: {}]'],
    ['[open, half-close, half-close]'],
    ['[open, stall, expect: end]'],
    ['[open, resume]'],
  ])('client: %s', (client) => {
    expect(refused({ client })).toMatchSnapshot();
  });

  test('the upstream does not open', () => {
    expect(refused({ upstream: '[open]' })).toMatchInlineSnapshot(`
      [
        "x.yaml:4:12: the upstream cannot \`open\`: it accepts; leave the step out",
      ]
    `);
  });

  test('waits may follow the end', () => {
    expect(() => planText('about: x\nclient: [open, reset, wait: { records: 0 }]\n')).not.toThrow();
  });
});

describe('waits that can never be met', () => {
  test.each([
    ['20', '[open, wait: { established: 21 }]'],
    ['20', '[open, wait: { opened: 0 }]'],
    ['{ count: 20, concurrent: 5 }', '[open, wait: { established: all }]'],
    ['{ count: 20, concurrent: 5 }', '[open, wait: { records: 6 }]'],
  ])('connections: %s, client: %s', (connections, client) => {
    expect(refused({ connections, client })).toMatchSnapshot();
  });

  test('for a fault that itself waits for more than run at a time', () => {
    const faults = '[{ fault: reset, side: client, when: { established: all } }]';
    const connections = '{ count: 20, concurrent: 5 }';
    expect(refused({ connections, client: '[open, wait: faulted]', faults })).toMatchInlineSnapshot(`
      [
        "x.yaml:3:16: waits for a fault that needs more than 5 connections at a time",
      ]
    `);
  });

  test('more bytes than the other side sends', () => {
    expect(refused({ client: '[open, expect: 64, expect: 1]', upstream: '[send: 64]' }))
      .toMatchInlineSnapshot(`
      [
        "x.yaml:3:28: the client expects 65 bytes in all, but the upstream sends 64",
      ]
    `);
  });
});

test('more concurrent connections than connections', () => {
  expect(refused({ connections: '{ count: 5, concurrent: 9 }' })).toMatchInlineSnapshot(`
    [
      "x.yaml:2:38: 9 concurrent connections of 5: \`concurrent\` cannot be more than \`count\`",
    ]
  `);
});

describe('faults', () => {
  const toxic = (type: string, name: string): string =>
    `[{ fault: toxic, type: ${type}, side: client, direction: to-client, attributes: { ${name}: 1 } }]`;
  test.each([
    ['[{ fault: shutdown, when: { opened: 1 } }, { fault: shutdown }]'],
    ['[{ fault: reset, side: client }]'],
    ['[{ fault: down, side: client, when: { bytes: 1 } }]'],
    ['[{ fault: down, side: client, when: { established: 21 } }]'],
    ['[{ fault: down, side: client, when: { half-closed: 0 } }]'],
    [toxic('latency', 'jiter')],
    [toxic('bandwidth', 'latency')],
  ])('%s', (faults) => {
    expect(refused({ faults })).toMatchSnapshot();
  });
});

describe('expectations that cannot add up', () => {
  test.each([
    ['{ incoming: { normal: 21 } }'],
    ['{ incoming: { normal: all, error: 1..2 } }'],
    ['{ incoming: { normal: 19 } }'],
    ['{ incoming: {} }'],
    ['{ outgoing: { normal: 15, error: 6 } }'],
    ['{ client: { end: 0..19 } }'],
    ['{ upstream: { end: 21 } }'],
  ])('%s', (expected) => {
    expect(refused({ expect: expected })).toMatchSnapshot();
  });

  test('but an outgoing side may never come to be, nor an incoming one behind a link that is down', () => {
    expect(() =>
      planText('about: x\nclient: [open]\nexpect: { outgoing: {}, upstream: {} }\n'),
    ).not.toThrow();
    expect(() =>
      planText(
        'about: x\nclient: [open]\nfaults: [{ fault: down, side: client }]\nexpect: { incoming: {} }\n',
      ),
    ).not.toThrow();
  });
});

test('of two proxies in a row each may end every connection once', () => {
  const targets = () => ({
    routes: ['tcp'],
    settings: () => [],
    hops: 2,
    reloads: false,
    refuse: () => undefined,
  });
  const text = (most: number) =>
    `about: x\nclient: [open]\nexpect: { incoming: { normal: ${most} }, client: { end: 20 } }\n`;
  expect(() => planText(text(40), { targets })).not.toThrow();
  expect(refusal(() => planText(text(41), { targets }))).toContain(
    'asks for at least 41 connections, but there are 40',
  );
  expect(refusal(() => planText(text(40)))).toContain('asks for at least 40 connections, but there are 20');
});

test('targets, routes and settings that there are not', () => {
  const targets = (name: string) =>
    name === 'proxy'
      ? {
          routes: ['tcp'],
          settings: () => ['grace'],
          hops: 2,
          reloads: false,
          refuse: (_name: string, value: unknown) => (value === 1 ? 'a duration' : undefined),
        }
      : { known: ['proxy'] };
  const text = 'about: x\nroute: tpc\nsettings: { grce: 1s, grace: 1 }\nclient: [open]\n';
  expect(refusal(() => planText(text, { targets }))).toMatchInlineSnapshot(`
    "x.yaml:2:8: the target \`proxy\` has no route \`tpc\`; did you mean \`tcp\`?
      1 | about: x
    > 2 | route: tpc
        |        ^^^
      3 | settings: { grce: 1s, grace: 1 }

    x.yaml:3:13: the target \`proxy\` has no setting \`grce\`; did you mean \`grace\`?
      1 | about: x
      2 | route: tpc
    > 3 | settings: { grce: 1s, grace: 1 }
        |             ^^^^
      4 | client: [open]

    x.yaml:3:30: \`settings.grace\` must be a duration, not \`1\`
      1 | about: x
      2 | route: tpc
    > 3 | settings: { grce: 1s, grace: 1 }
        |                              ^
      4 | client: [open]"
  `);
  expect(refusal(() => planText('about: x\ntarget: prxy\nclient: [open]\n', { targets })))
    .toMatchInlineSnapshot(`
    "x.yaml:2:9: unknown target \`prxy\`; did you mean \`proxy\`?
      1 | about: x
    > 2 | target: prxy
        |         ^^^^
      3 | client: [open]"
  `);
});

test('another target in place of its own: what that lacks is left to the admission, a wrong value is not', () => {
  const targets = (name: string) =>
    name === 'mine.yaml'
      ? {
          routes: ['tcp'],
          settings: () => ['grace'],
          hops: 1,
          reloads: false,
          refuse: (_name: string, value: unknown) => (value === 1 ? 'a duration' : undefined),
        }
      : { known: [] };
  const options = { targets, targetInstead: 'mine.yaml' };
  const text = (more: string): string => `about: x\ntarget: gone.yaml\n${more}client: [open]\n`;
  expect(planText(text('route: http\nsettings: { limit: 1 }\n'), options)).toMatchObject([
    { target: 'mine.yaml', ownTarget: true },
  ]);
  expect(refusal(() => planText(text('settings: { grace: 1 }\n'), options))).toContain('must be a duration');
  expect(refusal(() => planText(text(''), { targets }))).toContain('unknown target `gone.yaml`');
});

test('a target with bytes of its own may send what the other side does not', () => {
  const text = 'about: x\nclient: [open, { expect: 9 }]\n';
  const targets = (transparent?: boolean) => () => ({
    routes: ['tcp'],
    settings: () => [],
    hops: 1,
    transparent,
    reloads: false,
    refuse: () => undefined,
  });
  expect(refusal(() => planText(text, { targets: targets() }))).toContain('expects 9 bytes in all');
  expect(() => planText(text, { targets: targets(false) })).not.toThrow();
});

describe('a load', () => {
  test('is there where it is judged, beside no counts of terminations, and within its limits', () => {
    expect(refused({ expect: '{ load: { errors: 0 } }' })).toEqual([
      'x.yaml:4:11: the scenario has no `load` to judge',
    ]);
    expect(refused({ load: '{}', expect: '{ incoming: { normal: all } }' })[0]).toContain('beside a load');
    expect(refused({ load: '{ rate: 10000, duration: 1m }' })[0]).toContain(
      '600000 requests; 100000 is the limit',
    );
  });

  test.each([['1%'], ['<= 0.5%'], ['<= 5'], ['0']])('may have %s errors', (errors) => {
    expect(
      planText(`about: x\nclient: [open]\nload: {}\nexpect: { load: { errors: ${errors} } }\n`),
    ).toHaveLength(1);
  });

  test.each([['>= 5'], ['101%'], ['few'], ['1.5']])('cannot have %s errors', (errors) => {
    expect(refused({ load: '{}', expect: `{ load: { errors: '${errors}' } }` })[0]).toContain(
      'such as `<= 1%`',
    );
  });
});
