import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { sampleOf } from './hunt-generated.ts';
import { mutate, mutationsOf } from './mutations.ts';
import { loadParser } from './parse-source.ts';
import { stripTypes } from './strip-types.ts';

const parse = await loadParser();

const made = (source: string): string[] =>
  mutationsOf('a.ts', source, parse(source, 'a.ts')).map((mutation) => mutate(source, mutation));

test('a statement is left out, and its lines stay', () => {
  expect(made('go(\n  a,\n);\nconst b = c;')).toEqual([';\n\n\nconst b = c;']);
});

test('conditions, operators, numbers and constants become other ones', () => {
  expect(made('if (a) b = c;')).toEqual(['if (!(a)) b = c;', 'if (a) ;']);
  expect(made('const a = b < 10;')).toEqual(['const a = b <= 10;', 'const a = b < 5;']);
  expect(made('const a = b && true;')).toEqual(['const a = b || true;', 'const a = b && false;']);
  expect(made("const a = b('both', 0);")).toEqual(["const a = b('incoming', 0);", "const a = b('both', 1);"]);
});

test('types, imports, keys and what a constructor sets up stay as they are', () => {
  expect(made("import { a } from 'both'; type A = 1 | true;\nconst b = { 1: a as 2 };")).toEqual([]);
  expect(made('class A { #b; constructor(b) { this.#b = b; } }')).toEqual([]);
});

test('each mutation of the reference proxy still is TypeScript', () => {
  for (const file of [
    'proxy/connection/connection-manager.ts',
    'proxy/tls/client-hello.ts',
    'proxy/connection/forwarder.ts',
  ]) {
    const source = readFileSync(file, 'utf8');
    const mutations = mutationsOf(file, source, parse(source, file));
    expect(mutations.length).toBeGreaterThan(30);
    for (const mutation of mutations) {
      const mutated = mutate(source, mutation);
      expect(mutated).not.toBe(source);
      expect(() => stripTypes(file, mutated), mutation.what).not.toThrow();
    }
  }
});

test('the same seed chooses the same ones', () => {
  const source = 'a(1); b(2); c(3); d(4);';
  const all = mutationsOf('a.ts', source, parse(source, 'a.ts'));
  expect(sampleOf(all, 3, 7)).toEqual(sampleOf(all, 3, 7));
  expect(sampleOf(all, 3, 7)).not.toEqual(sampleOf(all, 3, 8));
});
