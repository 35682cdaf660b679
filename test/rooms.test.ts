import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { allowance, importOverrides, ROOMS } from '../docs/import-rules.ts';
import { temporaryFolder } from './command-line.ts';

const TOP = ['proxy', 'harness', 'shared'];

/** Files of the repository that fit these patterns of git. */
function tracked(...patterns: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', ...patterns], { encoding: 'utf8' });
  return listed
    .trim()
    .split('\n')
    .filter((file) => existsSync(file));
}

/** Sources without tests and what only tests use. */
const sources = tracked(...TOP).filter(
  (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts') && !/\/(testing|fixtures)\//.test(file),
);

/** Relative imports of a source, as paths; `types` for those that are gone after compilation. */
function importsOf(file: string): { to: string; types: boolean }[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^(?:import|export) (type )?[^;']*?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm);
  return [...found].map(([, types, from, dynamic]) => ({
    to: path.join(path.dirname(file), from ?? dynamic ?? ''),
    types: types !== undefined,
  }));
}

/** The innermost room that a file lies in. */
const roomOf = (file: string): string | undefined =>
  ROOMS.map(({ folder }) => folder)
    .filter((folder) => file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0];

test('every module that a script imports is there: no compiler looks at them', () => {
  const scripts = tracked('*.js', '*.mjs', '*.cjs');
  const imports = scripts.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const found = text.matchAll(
      /(?:\bfrom |\bimport ?\(?|\brequire\(|\bnew URL\()\s*(['"`])(\.{1,2}\/[^'"`$]*)\1/g,
    );
    return [...found].map(([, , to = '']) => ({ file, to: path.join(path.dirname(file), to) }));
  });
  expect(imports.length).toBeGreaterThan(10);
  expect(imports.filter(({ to }) => !existsSync(to))).toEqual([]);
});

test('every program that is started by its path in dist has a source', () => {
  const compiled = tracked('*.ts', '*.mjs')
    .flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(
        /(?:\bcompiled\('|['`{ }]dist\/)((?:harness|proxy|shared|bench|docs)\/[\w/-]+)\.js/g,
      ),
    ])
    .map(([, name]) => `${name}.ts`);
  expect(compiled.length).toBeGreaterThan(20);
  expect(compiled.filter((file) => !existsSync(file))).toEqual([]);
});

test('each vendor package is imported by one file', () => {
  const importers = new Map<string, string[]>();
  for (const file of sources) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type)[^;]*? from '([^.'][^']*)'/gm,
    )) {
      if (name === undefined || name.startsWith('node:')) continue;
      importers.set(name, [...(importers.get(name) ?? []), file]);
    }
  }
  expect(importers.size).toBeGreaterThan(8);
  expect([...importers].filter(([, files]) => files.length > 1)).toEqual([]);
});

test('every source lies in a room, but for the faces, the command line and the words of the harness', () => {
  const outside = sources.filter((file) => roomOf(file) === undefined && !file.startsWith('harness/cli/'));
  expect(outside).toEqual([
    'harness/count-range.ts',
    'harness/fidelities.ts',
    'harness/published-since.ts',
    'harness/resource.ts',
    'harness/want.ts',
  ]);
});

test('a room imports only rooms above it in the table, and the table is obeyed', () => {
  const order = ROOMS.map(({ folder }) => folder);
  const wrong: string[] = [];
  for (const room of ROOMS) {
    for (const other of [...room.may, ...(room.types ?? [])]) {
      if (order.includes(other) && order.indexOf(other) > order.indexOf(room.folder)) {
        wrong.push(`${room.folder} stands above ${other}`);
      }
    }
  }
  for (const file of sources) {
    const room = ROOMS.find(({ folder }) => folder === roomOf(file));
    for (const { to, types } of importsOf(file)) {
      const other = roomOf(to);
      if (room === undefined || other === undefined) continue;
      const may = allowance(room, other);
      if (may === 'none' || (may === 'types' && !types)) wrong.push(`${file} → ${to}`);
    }
  }
  expect(wrong.filter((line) => !line.startsWith('harness/probe/agent/'))).toEqual([]);
});

test('the linter refuses each import that the table does not allow', async () => {
  const { folder, done } = await temporaryFolder();
  await copyFile('.oxlintrc.json', path.join(folder, '.oxlintrc.json'));
  await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  const expected: string[] = [];
  for (const room of ROOMS) {
    const inside = path.join(folder, room.folder);
    await mkdir(inside, { recursive: true });
    const others = [...ROOMS.map((other) => other.folder), 'harness/cli'].filter(
      (other) =>
        other !== room.folder && !room.folder.startsWith(`${other}/`) && !other.startsWith(`${room.folder}/`),
    );
    for (const other of others.filter((name) => allowance(room, name) !== 'all')) {
      const file = `breaks-${other.replaceAll('/', '-')}.ts`;
      const from = path.relative(room.folder, `${other}/x.ts`);
      await writeFile(path.join(inside, file), `import { x } from '${from}';\nexport const y = x;\n`);
      expected.push(`${room.folder}/${file}`);
    }
  }
  const deep = 'harness/probe/agent/deep';
  await mkdir(path.join(folder, deep), { recursive: true });
  const breaks = ["'../../observer.ts'", "'../../../resource.ts'", "'../../host/x.ts'", "'zod'"];
  for (const [index, from] of breaks.entries()) {
    await writeFile(
      path.join(folder, deep, `${index}.ts`),
      `import { x } from ${from};\nexport const y = x;\n`,
    );
    expected.push(`${deep}/${index}.ts`);
  }
  await writeFile(
    path.join(folder, deep, 'right.ts'),
    "import { x } from '../../protocol.ts';\nexport const y = x;\n",
  );
  const { stdout } = await execa(path.resolve('node_modules/.bin/oxlint'), ['--format', 'json', '.'], {
    cwd: folder,
    reject: false,
  });
  await done();
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const refused = new Set(
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  );
  expect(expected.length).toBeGreaterThan(150);
  expect([...refused].toSorted()).toEqual(expected.toSorted());
});

test('the linter has the rules of the table', () => {
  const { overrides } = JSON.parse(readFileSync('.oxlintrc.json', 'utf8')) as { overrides: unknown[] };
  expect(overrides).toEqual(expect.arrayContaining(importOverrides()));
});

test('no source imports itself in a circle, not even by types', () => {
  const graph = new Map(sources.map((file) => [file, importsOf(file).map(({ to }) => to)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    if (done.has(file) || trail.includes(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(circles).toEqual([]);
});

test('a folder has at most 15 sources of its own, a source at most 300 lines', () => {
  const folders = new Map<string, number>();
  for (const file of sources) folders.set(path.dirname(file), (folders.get(path.dirname(file)) ?? 0) + 1);
  expect([...folders].filter(([, count]) => count > 15)).toEqual([]);
  const long = sources.filter((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length > 300);
  expect(long).toEqual([]);
});
