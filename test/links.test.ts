import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => path.join('docs', file));
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs];

/** Text of a page without its code. */
const prose = (file: string): string =>
  readFileSync(file, 'utf8')
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');

/** Anchors of a page, as GitHub makes them of its headings. */
function anchors(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a page to files, with their anchors. */
const linksOf = (page: string): string[] =>
  [...prose(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);

test.each(pages)('each link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('each link of a packed page leads to a packed file', () => {
  const [{ files = [] } = {}] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
  ) as { files?: { path: string }[] }[];
  const packed = files.map((file) => file.path);
  // a link may lead to a folder, too
  const isPacked = (file: string): boolean =>
    packed.some((one) => one === file || one.startsWith(path.join(file, '/')));
  const packedPages = packed.filter((file) => file.endsWith('.md'));
  expect(packedPages).toEqual(expect.arrayContaining(['README.md', 'docs/testing.md']));
  const dead = packedPages.flatMap((page) =>
    linksOf(page)
      .filter((link) => !link.startsWith('#'))
      .map((link) => path.join(path.dirname(page), link.replace(/#.*/, '')))
      .filter((file) => !isPacked(file))
      .map((file) => `${page} → ${file}`),
  );
  expect(dead).toEqual([]);
});

/** Pages that say where code lives; decisions tell history. */
const guides = ['CONTRIBUTING.md', 'README.md', ...docs.filter((file) => path.dirname(file) === 'docs')];

test.each(guides)('each file or folder that %s names is there', (page) => {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
  const rooms =
    'proxy|harness|shared|docs|test|bench|scripts|scenarios/(?:universal|contract|targets|mutants)';
  const named = [...text.matchAll(new RegExp(`\`((?:${rooms})/[\\w./-]*)\``, 'g'))].map(
    ([, file = '']) => file,
  );
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});
