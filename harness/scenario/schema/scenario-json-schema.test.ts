import { expect, test } from 'vitest';
import { scenarioJsonSchema } from './scenario-json-schema.ts';

const schema = JSON.parse(JSON.stringify(scenarioJsonSchema())) as {
  required: string[];
  properties: Record<string, unknown>;
};

test('names every key of a scenario, and what must be there', () => {
  expect(schema.required).toEqual(['about']);
  expect(Object.keys(schema.properties).toSorted()).toEqual([
    'about',
    'addresses',
    'client',
    'clients',
    'connections',
    'contract',
    'deadline',
    'exclude',
    'expect',
    'family',
    'faults',
    'lab',
    'load',
    'matrix',
    'over',
    'route',
    'settings',
    'target',
    'tuning',
    'upstream',
  ]);
});

test('speaks of steps as they are written', () => {
  const text = JSON.stringify(schema.properties['client']);
  expect(text).toContain('{"type":"string","const":"half-close"}');
  expect(text).toContain('"required":["send"]');
  expect(text).not.toContain('"step"');
  expect(text).not.toContain('"state"');
});

test('lets a variable stand for any value but an axis', () => {
  expect(schema.properties['faults']).toMatchObject({
    anyOf: [{ type: 'array' }, { type: 'string', pattern: '\\$\\{.+\\}' }],
  });
  expect(JSON.stringify(schema.properties['matrix'])).not.toContain('\\$');
});
