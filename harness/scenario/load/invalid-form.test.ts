import { describe, expect, test } from 'vitest';
import { planText, refusal } from '../testing/plan-text.ts';

const refused = (text: string): string => refusal(() => planText(text));
const withClient = (...steps: string[]): string =>
  refused(['about: x', 'client:', '  - open', ...steps.map((step) => `  - ${step}`), ''].join('\n'));
const withFault = (fault: string): string => refused(`about: x\nclient: [open]\nfaults:\n  - ${fault}\n`);
const withExpect = (line: string): string => refused(`about: x\nclient: [open]\nexpect:\n  ${line}\n`);

test('several problems of one file come together, in the order of its lines', () => {
  expect(
    refused(
      "about: ''\nconections: 20\nclient:\n  - open\n  - sned: 64\nfaults:\n  - { fault: rest, side: client }\n",
    ),
  ).toMatchInlineSnapshot(`
    "x.yaml:1:1: \`about\` must not be empty
    > 1 | about: ''
        | ^^^^^
      2 | conections: 20

    x.yaml:2:1: unknown key \`conections\`; did you mean \`connections\`?
      1 | about: ''
    > 2 | conections: 20
        | ^^^^^^^^^^
      3 | client:

    x.yaml:5:5: unknown step \`sned\`; did you mean \`send\`?
      3 | client:
      4 |   - open
    > 5 |   - sned: 64
        |     ^^^^
      6 | faults:

    x.yaml:7:14: unknown fault \`rest\`; did you mean \`reset\`?
      5 |   - sned: 64
      6 | faults:
    > 7 |   - { fault: rest, side: client }
        |              ^^^^"
  `);
});

test.each([
  [
    'kind: node\ncommand: [node, a.mjs]\nroutes: { tcp: {} }\n',
    'target, not a scenario: name it as `--target FILE`',
  ],
  ['patch: []\ncases: []\n', 'mutant, not a scenario: `npx lastfin mutants` runs it'],
  ['listeners: []\n', 'configuration of the proxy: `npx lastfin-proxy --config FILE`'],
])('another file than a scenario: %j', (text, message) => {
  expect(refused(`about: x\n${text}`)).toContain(message);
});

test('what is missing or has no value', () => {
  expect(refused('client: [open]\n')).toMatchInlineSnapshot(`
    "x.yaml:1:1: \`about\` is missing
    > 1 | client: [open]
        | ^^^^^^^^^^^^^^"
  `);
  expect(refused('about: x\nclient:\n')).toMatchInlineSnapshot(`
    "x.yaml:2:1: \`client\` has no value
      1 | about: x
    > 2 | client:
        | ^^^^^^"
  `);
  expect(refused('about: x\nclient: []\n')).toMatchInlineSnapshot(`
    "x.yaml:2:1: \`client\` must not be empty
      1 | about: x
    > 2 | client: []
        | ^^^^^^"
  `);
});

describe('connections, deadline, settings', () => {
  test.each([
    ['connections: 0'],
    ['connections: 10001'],
    ['connections: { cuont: 3 }'],
    ['connections: many'],
    ['deadline: 1ms'],
    ['deadline: 6m'],
    ['deadline: soon'],
    ['settings: { a: [1] }'],
    ['settings: 5'],
  ])('%s', (line) => {
    expect(refused(`about: x\nclient: [open]\n${line}\n`).split('\n', 1)[0]).toMatchSnapshot();
  });
});

describe('steps', () => {
  test('unknown', () => {
    expect(withClient('half_close')).toMatchInlineSnapshot(`
      "x.yaml:4:5: unknown step \`half_close\`; did you mean \`half-close\`?
        2 | client:
        3 |   - open
      > 4 |   - half_close
          |     ^^^^^^^^^^"
    `);
    expect(withClient('explode')).toMatchInlineSnapshot(`
      "x.yaml:4:5: unknown step \`explode\`; known: open, send, flood, expect, repeat, ask, look, half-close, close, abandon, reset, stall, resume, wait, advance, request, respond, hello, renegotiate, key-update, cancel, goaway, settings, freeze, continuation, half-head, ws, grpc, raw
        2 | client:
        3 |   - open
      > 4 |   - explode
          |     ^^^^^^^"
    `);
  });
  test('a value where none belongs, and none where one does', () => {
    expect(withClient('reset: 1')).toMatchInlineSnapshot(`
      "x.yaml:4:5: \`reset\` takes no value: write it without the colon
        2 | client:
        3 |   - open
      > 4 |   - reset: 1
          |     ^^^^^"
    `);
    expect(withClient('send')).toMatchInlineSnapshot(`
      "x.yaml:4:5: \`client[1].send\` is missing
        2 | client:
        3 |   - open
      > 4 |   - send
          |     ^^^^"
    `);
  });
  test('two in one item', () => {
    expect(withClient('{ send: 6, expect: 6 }')).toMatchInlineSnapshot(`
      "x.yaml:4:16: one step at a time: \`expect\` must be an item of its own
        2 | client:
        3 |   - open
      > 4 |   - { send: 6, expect: 6 }
          |                ^^^^^^"
    `);
  });
  test('that name their tag', () => {
    expect(withClient('{ step: send, send: 6 }')).toMatchInlineSnapshot(`
      "x.yaml:4:7: unknown step \`step\`; known: open, send, flood, expect, repeat, ask, look, half-close, close, abandon, reset, stall, resume, wait, advance, request, respond, hello, renegotiate, key-update, cancel, goaway, settings, freeze, continuation, half-head, ws, grpc, raw
        2 | client:
        3 |   - open
      > 4 |   - { step: send, send: 6 }
          |       ^^^^"
    `);
  });
  test('bytes that are none', () => {
    expect(withClient('send: 64kB')).toMatchInlineSnapshot(`
      "x.yaml:4:11: \`client[1].send\` must be a number of bytes, such as 64, 64KiB or 1MiB, not \`64kB\`
        2 | client:
        3 |   - open
      > 4 |   - send: 64kB
          |           ^^^^"
    `);
    expect(withClient('send: -1')).toMatchInlineSnapshot(`
      "x.yaml:4:11: \`client[1].send\` must be a number of bytes, such as 64, 64KiB or 1MiB, not -1
        2 | client:
        3 |   - open
      > 4 |   - send: -1
          |           ^^"
    `);
    expect(withClient('send: 1.5')).toMatchInlineSnapshot(`
      "x.yaml:4:11: \`client[1].send\` must be a number of bytes, such as 64, 64KiB or 1MiB, not 1.5
        2 | client:
        3 |   - open
      > 4 |   - send: 1.5
          |           ^^^"
    `);
  });
  test('an ending that is none', () => {
    expect(withClient('expect: ends')).toMatchInlineSnapshot(`
      "x.yaml:4:13: \`client[1].expect\` must be bytes or an ending, not \`ends\`; did you mean \`end\`?
        2 | client:
        3 |   - open
      > 4 |   - expect: ends
          |             ^^^^"
    `);
  });
  test('a state that is none', () => {
    expect(withClient('wait: { establish: all }')).toMatchInlineSnapshot(`
      "x.yaml:4:13: unknown state \`establish\`; did you mean \`established\`?
        2 | client:
        3 |   - open
      > 4 |   - wait: { establish: all }
          |             ^^^^^^^^^"
    `);
    expect(withClient('wait: fauled')).toMatchInlineSnapshot(`
      "x.yaml:4:11: unknown state \`fauled\`; did you mean \`faulted\`?
        2 | client:
        3 |   - open
      > 4 |   - wait: fauled
          |           ^^^^^^"
    `);
    expect(withClient('wait: { established: some }')).toMatchInlineSnapshot(`
      "x.yaml:4:26: \`client[1].wait.established\` must be a count from 0 to 10000, or \`all\`, not \`some\`
        2 | client:
        3 |   - open
      > 4 |   - wait: { established: some }
          |                          ^^^^"
    `);
  });
  test('of another type', () => {
    expect(withClient('4')).toMatchInlineSnapshot(`
      "x.yaml:4:5: \`client[1]\` must be a map, not 4
        2 | client:
        3 |   - open
      > 4 |   - 4
          |     ^"
    `);
  });
});

describe('faults', () => {
  test('unknown, or unnamed', () => {
    expect(withFault('{ fault: blakhole }')).toMatchInlineSnapshot(`
      "x.yaml:4:14: unknown fault \`blakhole\`; did you mean \`blackhole\`?
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: blakhole }
          |              ^^^^^^^^"
    `);
    expect(withFault('{ side: client }')).toMatchInlineSnapshot(`
      "x.yaml:4:5: \`faults[0]\` needs \`fault\`: one of refused, blackhole, reset, close, half-close, abandon, stall, toxic, down, shutdown, reload, unreachable, timeout, firewall-reset, abort, loss, rate, ports, descriptors, dns, cable, interface, flap
        2 | client: [open]
        3 | faults:
      > 4 |   - { side: client }
          |     ^^^^^^^^^^^^^^^^"
    `);
  });
  test('without a side, with a wrong one', () => {
    expect(withFault('{ fault: down }')).toMatchInlineSnapshot(`
      "x.yaml:4:5: \`faults[0].side\` is missing
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: down }
          |     ^^^^^^^^^^^^^^^"
    `);
    expect(withFault('{ fault: down, side: upsteam }')).toMatchInlineSnapshot(`
      "x.yaml:4:26: \`faults[0].side\` cannot be \`upsteam\`; did you mean \`upstream\`?
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: down, side: upsteam }
          |                          ^^^^^^^"
    `);
  });
  test('a trigger that is none', () => {
    expect(withFault('{ fault: refused, when: { byte: 1MiB } }')).toMatchInlineSnapshot(`
      "x.yaml:4:31: unknown trigger \`byte\`; did you mean \`bytes\`?
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: refused, when: { byte: 1MiB } }
          |                               ^^^^"
    `);
  });
  test('a toxic that is none', () => {
    expect(
      withFault(
        '{ fault: toxic, type: latncy, side: client, direction: to-client, attributes: { latency: 1 } }',
      ),
    ).toMatchInlineSnapshot(`
      "x.yaml:4:27: \`faults[0].type\` cannot be \`latncy\`; did you mean \`latency\`?
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: toxic, type: latncy, side: client, direction: to-client, attributes: { latency: 1 } }
          |                           ^^^^^^"
    `);
  });
  test('toxicity and attributes out of their bounds', () => {
    expect(
      withFault(
        '{ fault: toxic, type: latency, side: client, direction: up, toxicity: 2, attributes: { latency: 1.5 } }',
      ),
    ).toMatchInlineSnapshot(`
      "x.yaml:4:61: \`faults[0].direction\` cannot be \`up\`; known: to-upstream, to-client
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: toxic, type: latency, side: client, direction: up, toxicity: 2, attributes: { latency: 1.5 } }
          |                                                             ^^

      x.yaml:4:75: \`faults[0].toxicity\` must be 1 or less, not 2
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: toxic, type: latency, side: client, direction: up, toxicity: 2, attributes: { latency: 1.5 } }
          |                                                                           ^

      x.yaml:4:101: \`faults[0].attributes.latency\` must be a whole number, not 1.5
        2 | client: [open]
        3 | faults:
      > 4 |   - { fault: toxic, type: latency, side: client, direction: up, toxicity: 2, attributes: { latency: 1.5 } }
          |                                                                                                     ^^^"
    `);
  });
});

describe('expectations', () => {
  test('a reason that is none', () => {
    expect(withExpect('incoming: { econreset: all }')).toMatchInlineSnapshot(`
      "x.yaml:4:15: unknown key \`econreset\` in \`expect.incoming\`; did you mean \`econnreset\`?
        2 | client: [open]
        3 | expect:
      > 4 |   incoming: { econreset: all }
          |               ^^^^^^^^^"
    `);
  });
  test('a range that is none', () => {
    expect(withExpect('incoming: { normal: 3..1 }')).toMatchInlineSnapshot(`
      "x.yaml:4:23: \`expect.incoming.normal\` must be a count, \`all\`, or a range such as 1..20 or 0..all, not \`3..1\`
        2 | client: [open]
        3 | expect:
      > 4 |   incoming: { normal: 3..1 }
          |                       ^^^^"
    `);
    expect(withExpect('incoming: { normal: all..1 }')).toContain('must be a count');
    expect(withExpect('incoming: { normal: 1...3 }')).toContain('must be a count');
  });
  test('a drain that is no duration', () => {
    expect(withExpect('drain: 1 s')).toMatchInlineSnapshot(`
      "x.yaml:4:10: \`expect.drain\` must be a duration up to 10m, such as 300ms or 5s, not \`1 s\`
        2 | client: [open]
        3 | expect:
      > 4 |   drain: 1 s
          |          ^^^"
    `);
  });
});
