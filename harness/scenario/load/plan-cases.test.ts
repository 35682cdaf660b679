import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOne, planText, refusal } from '../testing/plan-text.ts';

const refused = (text: string): string => refusal(() => planText(text));

test('fills in every default', () => {
  expect(planOne('about: x\nclient: [open]\n')).toMatchInlineSnapshot(`
    {
      "about": "x",
      "addresses": [],
      "cell": {},
      "client": [
        {
          "kind": "open",
        },
      ],
      "connections": {
        "concurrent": 20,
        "count": 20,
      },
      "deadline": 5000,
      "expect": {
        "drain": 1000,
      },
      "family": "ipv4",
      "faults": [],
      "id": "x",
      "kind": "own",
      "ownTarget": false,
      "route": "tcp",
      "scenario": "x",
      "seed": 1535270274,
      "settings": {},
      "source": {
        "column": 1,
        "file": "x.yaml",
        "line": 1,
      },
      "target": "proxy",
      "upstream": [],
    }
  `);
});

test('reads every form of a whole scenario', () => {
  const [first, ...more] = planText(WHOLE);
  expect(more.map(({ id }) => id)).toEqual(['x[bytes=64KiB,ending=fin]', 'x[bytes=64KiB,ending=rst]']);
  expect(first).toMatchInlineSnapshot(`
    {
      "about": "A client's RST on an idle connection ends both sides and leaves nothing.",
      "addresses": [],
      "cell": {
        "bytes": "0",
        "ending": "fin",
      },
      "client": [
        {
          "kind": "open",
        },
        {
          "bytes": 0,
          "kind": "send",
        },
        {
          "bytes": 1024,
          "kind": "expect",
        },
        {
          "for": {
            "count": 50,
            "state": "established",
          },
          "kind": "wait",
        },
        {
          "for": {
            "state": "faulted",
          },
          "kind": "wait",
        },
        {
          "kind": "close",
        },
      ],
      "connections": {
        "concurrent": 50,
        "count": 200,
      },
      "deadline": 2000,
      "expect": {
        "client": {
          "end": {
            "max": "all",
            "min": 0,
          },
          "none": {
            "max": 200,
            "min": 1,
          },
        },
        "delivered": {
          "toUpstream": 1048576,
        },
        "drain": 3000,
        "incoming": {
          "closed_outgoing": {
            "max": "all",
            "min": 0,
          },
          "normal": {
            "max": "all",
            "min": "all",
          },
        },
      },
      "family": "ipv4",
      "faults": [
        {
          "kind": "reset",
          "side": "upstream",
          "when": {
            "at": "bytes",
            "bytes": 1024,
          },
        },
        {
          "attributes": {
            "jitter": 10,
            "latency": 100,
          },
          "direction": "to-client",
          "kind": "toxic",
          "side": "upstream",
          "toxicity": 1,
          "type": "latency",
          "when": {
            "at": "connect",
          },
        },
      ],
      "id": "x[bytes=0,ending=fin]",
      "kind": "own",
      "ownTarget": true,
      "route": "tcp",
      "scenario": "x",
      "seed": 791494761,
      "settings": {
        "inactivityTimeout": "300ms",
      },
      "source": {
        "column": 1,
        "file": "x.yaml",
        "line": 2,
      },
      "target": "proxy",
      "upstream": [
        {
          "bytes": 0,
          "kind": "expect",
        },
        {
          "bytes": 1024,
          "kind": "send",
        },
        {
          "ending": "end",
          "kind": "expect-ending",
        },
      ],
    }
  `);
});

test('one number is both count and concurrency', () => {
  const connections = (text: string) =>
    planOne(`about: x\nclient: [open]\nconnections: ${text}\n`).connections;
  expect(connections('7')).toEqual({ count: 7, concurrent: 7 });
  expect(connections('{ count: 7 }')).toEqual({ count: 7, concurrent: 7 });
  expect(connections('{ count: 7, concurrent: 2 }')).toEqual({ count: 7, concurrent: 2 });
});

describe('variables', () => {
  test('take the type of their value, are spliced into lists, and vanish when null', () => {
    const [none, some] = planText(`
about: "\${extra} on \${n} connections"
connections: \${n}
client: [open, "\${extra.steps}", "\${extra.ending}"]
upstream: \${extra.upstream}
matrix:
  n: [3]
  extra:
    - { name: none, steps: [], ending: null, upstream: null }
    - { name: some, steps: [{ send: "\${n}" }, half-close], ending: reset, upstream: [{ expect: "\${n}" }] }
`);
    expect(none).toMatchObject({ about: 'none on 3 connections', client: [{ kind: 'open' }], upstream: [] });
    expect(some).toMatchObject({
      connections: { count: 3, concurrent: 3 },
      client: [{ kind: 'open' }, { kind: 'send', bytes: 3 }, { kind: 'half-close' }, { kind: 'reset' }],
      upstream: [{ kind: 'expect', bytes: 3 }],
    });
  });

  test('in keys', () => {
    const text = 'about: x\nclient: [open]\nexpect: { incoming: { "${r}": all } }\nmatrix: { r: [normal] }\n';
    expect(planOne(text).expect.incoming).toEqual({ normal: { min: 'all', max: 'all' } });
  });

  test('that are not there', () => {
    expect(refused('about: x\nclient: [open, send: "${byts}"]\nmatrix: { bytes: [1] }\n'))
      .toMatchInlineSnapshot(`
      "x.yaml:2:22: unknown variable \`byts\`; did you mean \`bytes\`?
        1 | about: x
      > 2 | client: [open, send: "\${byts}"]
          |                      ^^^^^^^^^
        3 | matrix: { bytes: [1] }"
    `);
    expect(refused('about: x\nclient: [open, "${end.setp}"]\nmatrix: { end: [{ name: a, step: reset }] }\n'))
      .toMatchInlineSnapshot(`
      "x.yaml:2:16: unknown variable \`end.setp\`; did you mean \`end.step\`?
        1 | about: x
      > 2 | client: [open, "\${end.setp}"]
          |                ^^^^^^^^^^^^^
        3 | matrix: { end: [{ name: a, step: reset }] }"
    `);
    expect(refused('about: ${constructor}\nclient: [open]\n')).toMatchInlineSnapshot(`
      "x.yaml:1:8: unknown variable \`constructor\`; there are none
      > 1 | about: \${constructor}
          |        ^^^^^^^^^^^^^^
        2 | client: [open]"
    `);
  });

  test('that cannot stand where they are', () => {
    expect(refused('about: "a ${x.l}"\nclient: [open]\nmatrix: { x: [{ name: a, l: [1] }] }\n'))
      .toMatchInlineSnapshot(`
      "x.yaml:1:8: \`\${x.l}\` is a list, which cannot stand inside other text
      > 1 | about: "a \${x.l}"
          |        ^^^^^^^^^^
        2 | client: [open]"
    `);
    expect(refused('about: "a ${x"\nclient: [open]\nmatrix: { x: [1] }\n')).toMatchInlineSnapshot(`
      "x.yaml:1:8: \`\${x\` has no closing }
      > 1 | about: "a \${x"
          |        ^^^^^^^
        2 | client: [open]"
    `);
    expect(
      refused(
        'about: x\nclient: [open]\nexpect: { client: { "${x.l}": 1 } }\nmatrix: { x: [{ name: a, l: [1] }] }\n',
      ),
    ).toMatchInlineSnapshot(`
      "x.yaml:3:21: \`\${x.l}\` is a list and cannot be a key
        1 | about: x
        2 | client: [open]
      > 3 | expect: { client: { "\${x.l}": 1 } }
          |                     ^^^^^^^^
        4 | matrix: { x: [{ name: a, l: [1] }] }"
    `);
    expect(
      refused(
        'about: x\nclient: [open]\nexpect: { client: { "${x}": all, end: 0 } }\nmatrix: { x: [end] }\n',
      ),
    ).toMatchInlineSnapshot(`
      "x.yaml:3:34: \`end\` gives the key \`end\` a second time
        1 | about: x
        2 | client: [open]
      > 3 | expect: { client: { "\${x}": all, end: 0 } }
          |                                  ^^^
        4 | matrix: { x: [end] }"
    `);
  });

  test('that lead back to themselves', () => {
    expect(refused('about: ${x.a}\nclient: [open]\nmatrix: { x: [{ name: a, a: "${x.b}", b: "${x.a}" }] }\n'))
      .toMatchInlineSnapshot(`
        "x.yaml:3:29: \`\${x.b}\` leads back to itself
          1 | about: \${x.a}
          2 | client: [open]
        > 3 | matrix: { x: [{ name: a, a: "\${x.b}", b: "\${x.a}" }] }
            |                             ^^^^^^^^"
      `);
  });

  test('a problem in what a variable stands for points there, and names the cell', () => {
    expect(
      refused(`about: x
client: [open, "\${how.steps}", wait: { established: all }]
matrix:
  n: [1, 2]
  how:
    - { name: fine, steps: [half-close] }
    - { name: wrong, steps: [half-close, { sned: 1 }] }
`),
    ).toMatchInlineSnapshot(`
      "x.yaml:7:44: unknown step \`sned\`; did you mean \`send\`? (in [n=1,how=wrong] and 1 more)
        5 |   how:
        6 |     - { name: fine, steps: [half-close] }
      > 7 |     - { name: wrong, steps: [half-close, { sned: 1 }] }
          |                                            ^^^^"
    `);
  });

  test('a problem behind spliced items points at its own line', () => {
    expect(
      refused(`about: x
client:
  - open
  - \${steps.list}
  - rest
matrix:
  steps: [{ name: two, list: [stall, resume] }]
`),
    ).toMatchInlineSnapshot(`
      "x.yaml:5:5: unknown step \`rest\`; did you mean \`reset\`?
        3 |   - open
        4 |   - \${steps.list}
      > 5 |   - rest
          |     ^^^^
        6 | matrix:"
    `);
  });
});

describe('the matrix', () => {
  const withMatrix = (rest: string): string => refused(`about: x\nclient: [open]\n${rest}\n`);

  test('whose axes or values are no names', () => {
    expect(withMatrix('matrix: { a b: [1], n: [1, 1], s: ["x y"] }')).toMatchInlineSnapshot(`
      "x.yaml:3:11: \`a b\` cannot name an axis: letters, digits, - and _ only
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { a b: [1], n: [1, 1], s: ["x y"] }
          |           ^^^

      x.yaml:3:28: \`matrix.n\` has \`1\` twice
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { a b: [1], n: [1, 1], s: ["x y"] }
          |                            ^

      x.yaml:3:36: \`x y\` cannot name a cell (no spaces, quotes, $ or [ ] , =); write { name: …, … }
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { a b: [1], n: [1, 1], s: ["x y"] }
          |                                    ^^^^^"
    `);
    expect(withMatrix('matrix: { n: [{ step: reset }] }')).toMatchInlineSnapshot(`
      "x.yaml:3:15: \`matrix.n[0].name\` is missing
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { n: [{ step: reset }] }
          |               ^^^^^^^^^^^^^^^"
    `);
    expect(withMatrix('matrix: { n: [] }')).toMatchInlineSnapshot(`
      "x.yaml:3:11: \`matrix.n\` must not be empty
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { n: [] }
          |           ^"
    `);
    expect(withMatrix('matrix: { n: 3 }')).toMatchInlineSnapshot(`
      "x.yaml:3:14: \`matrix.n\` must be a list, not 3
        1 | about: x
        2 | client: [open]
      > 3 | matrix: { n: 3 }
          |              ^"
    `);
  });

  test('whose exclusions fit nothing', () => {
    expect(withMatrix('matrix: { count: [1, 20] }\nexclude: [{ cuont: 1 }]')).toMatchInlineSnapshot(`
      "x.yaml:4:13: no axis \`cuont\`; did you mean \`count\`?
        2 | client: [open]
        3 | matrix: { count: [1, 20] }
      > 4 | exclude: [{ cuont: 1 }]
          |             ^^^^^"
    `);
    expect(withMatrix('matrix: { count: [1, 20] }\nexclude: [{ count: 21 }]')).toMatchInlineSnapshot(`
      "x.yaml:4:20: \`count\` is never \`21\`; did you mean \`1\`?
        2 | client: [open]
        3 | matrix: { count: [1, 20] }
      > 4 | exclude: [{ count: 21 }]
          |                    ^^"
    `);
    expect(withMatrix('exclude: [{ count: 21 }]')).toMatchInlineSnapshot(`
      "x.yaml:3:13: no axis \`count\`; there are none
        1 | about: x
        2 | client: [open]
      > 3 | exclude: [{ count: 21 }]
          |             ^^^^^"
    `);
    expect(withMatrix('matrix: { count: [1] }\nexclude: [{ count: 1 }]')).toMatchInlineSnapshot(`
      "x.yaml:4:1: leaves out every combination
        2 | client: [open]
        3 | matrix: { count: [1] }
      > 4 | exclude: [{ count: 1 }]
          | ^^^^^^^"
    `);
  });

  test('that is too large', () => {
    const axis = `[${Array.from({ length: 40 }, (_, i) => i).join(', ')}]`;
    expect(withMatrix(`matrix: { a: ${axis}, b: ${axis} }`)).toContain(
      '1600 combinations; 1000 is the limit',
    );
  });
});

/** Axes with distinct values, and exclusions that each name one value of some axes. */
const matrices = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 3 })
  .chain((axes) =>
    fc.record(
      Object.fromEntries(
        axes.map((axis) => [
          axis,
          fc.uniqueArray(fc.oneof(fc.nat(999), fc.stringMatching(/^[a-z]{1,5}$/)), {
            minLength: 1,
            maxLength: 5,
            selector: String,
          }),
        ]),
      ),
    ),
  )
  .chain((matrix) =>
    fc.record({
      matrix: fc.constant(matrix),
      exclude: fc.array(
        fc.record(
          Object.fromEntries(
            Object.entries(matrix).map(([axis, values]) => [axis, fc.constantFrom(...(values ?? []))]),
          ),
          { requiredKeys: Object.keys(matrix).slice(0, 2) },
        ),
        { maxLength: 3 },
      ),
    }),
  );

describe('for every matrix', () => {
  const plan = (rest: object, seed?: number) => {
    const text = JSON.stringify({ about: 'x', client: ['open'], ...rest });
    return planText(text, seed === undefined ? {} : { seed });
  };

  test('there is a case for each combination but the excluded ones, each with an id of its own', () => {
    fc.assert(
      fc.property(matrices, ({ matrix, exclude }) => {
        let cells: Record<string, unknown>[] = [{}];
        for (const [axis, values = []] of Object.entries(matrix)) {
          cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [axis]: value })));
        }
        const kept = cells.filter(
          (cell) =>
            !exclude.some((rule) => Object.entries(rule).every(([axis, value]) => cell[axis] === value)),
        );
        if (kept.length === 0) {
          expect(() => plan({ matrix, exclude })).toThrow('leaves out every combination');
          return;
        }
        const cases = plan({ matrix, exclude });
        expect(cases).toHaveLength(kept.length);
        expect(new Set(cases.map(({ id }) => id)).size).toBe(kept.length);
        expect(new Set(cases.map(({ seed }) => seed)).size).toBe(kept.length);
      }),
    );
  });

  test('the same seed gives the same cases, another seed the same but for their seeds', () => {
    fc.assert(
      fc.property(matrices, fc.nat(), ({ matrix }, seed) => {
        const cases = plan({ matrix }, seed);
        expect(plan({ matrix }, seed)).toEqual(cases);
        const others = plan({ matrix }, seed + 1);
        expect(others.map((one, index) => ({ ...one, seed: cases[index]?.seed }))).toEqual(cases);
        expect(others.map((one) => one.seed)).not.toEqual(cases.map((one) => one.seed));
      }),
    );
  });

  test('a case is plain JSON', () => {
    fc.assert(
      fc.property(matrices, ({ matrix }) => {
        const cases = plan({ matrix });
        expect(JSON.parse(JSON.stringify(cases))).toEqual(cases);
      }),
    );
    const whole = planText(WHOLE);
    expect(JSON.parse(JSON.stringify(whole))).toStrictEqual(whole);
  });
});

const WHOLE = `
about: A client's RST on an idle connection ends both sides and leaves nothing.
target: proxy
route: tcp
connections: { count: 200, concurrent: 50 }
settings: { inactivityTimeout: 300ms }
deadline: 2s
client:
  - open
  - send: \${bytes}
  - expect: 1KiB
  - wait: { established: 50 }
  - wait: faulted
  - \${ending.step}
upstream:
  - expect: \${bytes}
  - send: 1024
  - expect: end
faults:
  - { fault: reset, side: upstream, when: { bytes: 1KiB } }
  - { fault: toxic, type: latency, side: upstream, direction: to-client, attributes: { latency: 100, jitter: 10 } }
expect:
  incoming: { "\${ending.incoming}": all, closed_outgoing: 0..all }
  client: { none: 1..200, end: 0..all }
  drain: 3s
  delivered: { toUpstream: 1MiB }
matrix:
  bytes: [0, 64KiB]
  ending:
    - { name: fin, step: close, incoming: normal }
    - { name: rst, step: reset, incoming: econnreset }
exclude:
  - { bytes: 0, ending: rst }
`;
