import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const FOLDER = 'docs/decisions';

const files = readdirSync(FOLDER).filter((file) => file !== 'README.md');
const index = readFileSync(path.join(FOLDER, 'README.md'), 'utf8');

test.each(files)('%s has the form of all decisions, and a line in the index', (file) => {
  const text = readFileSync(path.join(FOLDER, file), 'utf8');
  const [, number = ''] = /^0*(\d+)-[a-z0-9.-]+\.md$/.exec(file) ?? [];
  const [, title = ''] = /^# (.*)\n/.exec(text) ?? [];
  expect(title.startsWith(`${number}. `), title).toBe(true);
  expect(text).toMatch(/^- \*\*Status:\*\* (accepted|superseded)/m);
  expect(text).toMatch(/^- \*\*Date:\*\* \d{4}-\d\d-\d\d$/m);
  expect(text.match(/^## .*$/gm)).toEqual(['## Question', '## Choice', '## Not done']);
  expect(text).not.toMatch(/^## .*\n+(?:##|$(?![\s\S]))/m);
  expect(index).toContain(`[${title}](${file})`);
});

test('every decision that the index and the decisions link to is there', () => {
  const texts = [index, ...files.map((file) => readFileSync(path.join(FOLDER, file), 'utf8'))];
  const linked = texts.flatMap((text) => [...text.matchAll(/\]\((\d{4}-[^)]*\.md)\)/g)].map(([, to]) => to));
  expect(linked.length).toBeGreaterThanOrEqual(files.length);
  expect(linked.filter((to) => to === undefined || !files.includes(to))).toEqual([]);
});
