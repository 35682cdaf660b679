import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';
import { folderOfFile } from '../shared/testing/folders.ts';
import { parse, stringify } from 'yaml';

import { loadTarget } from '../harness/targets/file/target-file.ts';

const page = readFileSync('docs/targets.md', 'utf8');
const folder = folderOfFile();
// an example names a certificate of its own
writeFileSync(path.join(folder, 'cert.pem'), '');

const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(({ 1: text = '', index }) => {
  const part = parse(text) as Record<string, unknown> | null;
  return part === null ? [] : [{ line: page.slice(0, index).split('\n').length, part }];
});

/** Loads a part of a target file, completed to a whole one. */
function load(part: Record<string, unknown>): void {
  const file = path.join(folder, 'example.yaml');
  writeFileSync(
    file,
    stringify({ about: 'An example.', kind: 'node', command: ['node', '{{here}}/x.js'], ...part }),
  );
  loadTarget(file);
}

test.each(blocks)('the example in line $line is a sound part of a target file', ({ part }) => {
  load(part);
});

test('an example that is no target file would be noticed', () => {
  expect(blocks.length).toBeGreaterThan(20);
  expect(() => load({ stop: { signal: 'SIGNONE' } })).toThrow('SIGNONE');
});

test('every key of a target file has its heading', () => {
  const schema = JSON.parse(readFileSync('docs/generated/target.schema.json', 'utf8')) as {
    properties: Record<string, unknown>;
  };
  const headings = (page.match(/^### .*$/gm) ?? []).join('\n');
  const keys = Object.keys(schema.properties);
  expect(keys.length).toBeGreaterThan(20);
  expect(keys.filter((key) => !headings.includes(`\`${key}\``))).toEqual([]);
});
