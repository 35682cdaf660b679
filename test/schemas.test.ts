import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

const SCHEMAS = ['gate', 'proxy-config', 'report', 'scenario', 'target'];

function validator(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(`docs/generated/${name}.schema.json`, 'utf8')) as Record<
    string,
    unknown
  >;
  const ajv = new Ajv({
    strict: true,
    allowUnionTypes: true,
    formats: { 'date-time': true, ipv4: true, ipv6: true },
  });
  return ajv.compile(schema);
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.join(folder, file));
}

const isOf = (file: string, room: string): boolean => file.split(path.sep).includes(room);

/** Scenarios that stand beside their targets, as `scenarios/targets/leaky/hunt` does. */
const isScenario = (file: string): boolean => !/^kind:/m.test(readFileSync(file, 'utf8'));

const all = yamlFiles('scenarios').filter((file) => !isOf(file, 'mutants') && !isOf(file, 'node_modules'));
const targets = all.filter((file) => isOf(file, 'targets') && !isScenario(file));
const scenarios = all.filter((file) => !isOf(file, 'targets') || isScenario(file));

describe.each(SCHEMAS)('%s', (name) => {
  test('is a schema of draft-07 with an id of its own', () => {
    const schema = JSON.parse(readFileSync(`docs/generated/${name}.schema.json`, 'utf8')) as Record<
      string,
      unknown
    >;
    expect(schema['$id']).toBe(`urn:lastfin:schema:${name}:1`);
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    const ajv = new Ajv();
    expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
  });

  test('refuses what is no such file', () => {
    expect(validator(name)({ nonsense: true })).toBe(false);
  });

  test('is exported by the package', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      exports: Record<string, unknown>;
    };
    expect(exports[`./${name}.schema.json`]).toBe(`./docs/generated/${name}.schema.json`);
  });
});

test.each(targets)('%s fits the schema of targets', (file) => {
  const validate = validator('target');
  expect(validate(parse(readFileSync(file, 'utf8'), { merge: true })), JSON.stringify(validate.errors)).toBe(
    true,
  );
});

test('all shipped scenarios fit the schema of scenarios', () => {
  expect(scenarios.length).toBeGreaterThan(100);
  const validate = validator('scenario');
  for (const file of scenarios) {
    const fits = validate(parse(readFileSync(file, 'utf8'), { merge: true }));
    expect(fits, `${file}: ${JSON.stringify(validate.errors)}`).toBe(true);
  }
});

test.each([
  ['a key that is misspelt', 'about: x\nkind: node\ncomand: [node, a.js]'],
  ['an unknown kind', 'about: x\nkind: nodes\ncommand: [node, a.js]'],
  ['no kind', 'about: x\ncommand: [node, a.js]'],
  ['an unknown protocol of a route', 'about: x\nkind: node\nroutes: { http: { client: htttp } }'],
  ['a signal that there is not', 'about: x\nkind: node\nstop: { signal: SIGNONE }'],
])('the schema of targets refuses %s', (_, text) => {
  expect(validator('target')(parse(text))).toBe(false);
});

test('a report of passed and of failed cases fits the schema of reports', async () => {
  const { folder, done } = await temporaryFolder();
  const leaky = ['--target', 'scenarios/targets/leaky/collection.yaml'];
  try {
    for (const more of [[], leaky]) {
      await lastfin(['run', '--case', 'lifecycle/close-unused[by=client]', '--out', folder, ...more]);
      const validate = validator('report');
      const report = await latestReport(folder);
      expect(report.results).toHaveLength(1);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    }
  } finally {
    await done();
  }
});
