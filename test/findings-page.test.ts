import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { LEAK_RESOURCES } from '../harness/resource.ts';

const page = readFileSync('docs/findings.md', 'utf8');

/** Content of the first column of the page's tables. */
const rows = new Set([...page.matchAll(/^\| (`[^|]*`) +\|/gm)].map(([, first]) => first));

type Schema = { const?: string; enum?: string[]; properties?: Record<string, Schema> };

/** All schemas within a schema that have a property. */
function* withProperty(name: string, schema: unknown): Generator<Schema> {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as Schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) yield schema;
  for (const inner of Object.values(schema)) yield* withProperty(name, inner);
}

const schema: unknown = JSON.parse(readFileSync('docs/generated/report.schema.json', 'utf8'));

test('every kind of leak has its meaning and its fix', () => {
  for (const resource of LEAK_RESOURCES) expect(rows).toContain(`\`${resource}\``);
});

test('so has every other finding, each invariant of its own', () => {
  const invariants = [...withProperty('invariant', schema)].flatMap(
    ({ properties }) => properties?.['invariant']?.enum ?? [],
  );
  const findings = [...withProperty('kind', schema)].filter(
    // a cause has a message, too, and any of the kinds
    ({ properties }) => properties?.['message'] !== undefined && properties['kind']?.const !== undefined,
  );
  const kinds = findings.map(({ properties }) => properties?.['kind']?.const);
  expect(kinds.length).toBeGreaterThan(8);
  expect(invariants.length).toBeGreaterThan(4);
  for (const kind of kinds)
    if (kind !== 'leak' && kind !== 'invariant') expect(rows).toContain(`\`${kind}\``);
  for (const invariant of invariants) expect(rows).toContain(`\`invariant\` \`${invariant}\``);
});
