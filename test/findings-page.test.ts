import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { countOf } from '../harness/judge/words.ts';
import { LEAK_RESOURCES } from '../harness/resource.ts';

const page = readFileSync('docs/findings.md', 'utf8');

/** Sections of the page by their heading: the example in the terminal's words, and the text below it. */
const sections = new Map(
  [...page.matchAll(/^### (`.+`)\n\n```text\n(.+)\n```\n\n([^#]+)/gm)].map(
    ([, heading = '', example = '', text = '']) => [heading, { example, text }],
  ),
);

type Schema = { const?: string; enum?: string[]; properties?: Record<string, Schema> };

/** All schemas within a schema that have a property. */
function* withProperty(name: string, schema: unknown): Generator<Schema> {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as Schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) yield schema;
  for (const inner of Object.values(schema)) yield* withProperty(name, inner);
}

const schema: unknown = JSON.parse(readFileSync('docs/generated/report.schema.json', 'utf8'));
const invariants = [...withProperty('invariant', schema)].flatMap(
  ({ properties }) => properties?.['invariant']?.enum ?? [],
);
const kinds = [...withProperty('kind', schema)]
  .filter(
    // a cause has a message, too, and any of the kinds
    ({ properties }) => properties?.['message'] !== undefined && properties['kind']?.const !== undefined,
  )
  .map(({ properties }) => properties?.['kind']?.const ?? '');

const expected = [
  ...LEAK_RESOURCES.map((resource) => `\`${resource}\``),
  ...kinds.filter((kind) => kind !== 'leak' && kind !== 'invariant').map((kind) => `\`${kind}\``),
  ...invariants.map((one) => `\`invariant\` \`${one}\``),
];

test('the report has kinds of findings, and invariants', () => {
  expect(kinds.length).toBeGreaterThan(8);
  expect(invariants.length).toBeGreaterThan(4);
});

test('the page has a section for each finding, and for nothing else', () => {
  expect([...sections.keys()].toSorted()).toEqual([...new Set(expected)].toSorted());
});

test.each(expected)('%s has an example, a cause and a fix', (heading) => {
  const text = sections.get(heading)?.text;
  expect(text).toMatch(/^- \*\*Cause:\*\* ./m);
  expect(text).toMatch(/^- \*\*Fix:\*\* ./m);
});

describe('the example of a leak', () => {
  const counts = ['record', 'active-resource'];
  test.each(LEAK_RESOURCES.filter((resource) => !counts.includes(resource)))(
    '%s has its words',
    (resource) => {
      const example = sections.get(`\`${resource}\``)?.example ?? '';
      const [count = ''] = example.split(' ');
      expect(example.startsWith(`${countOf(resource, Number(count))} left after `), example).toBe(true);
    },
  );
});
