import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';

import { expect, test } from 'vitest';

import { stripTypes } from './strip-types.ts';

test('a module that is imported later is named as it is compiled', () => {
  expect(stripTypes('a.ts', "const a = await import('./a.ts');\n").code).toContain("import('./a.js')");
});

test('keeps every position, and names the compiled file in imports', () => {
  const { code } = stripTypes('a.ts', "import { a } from './a.ts';\nconst b: number = a;\n");
  expect(code).toBe("import { a } from './a.js';\nconst b         = a;\n\n//# sourceMappingURL=a.js.map\n");
});

const sources = ['proxy', 'shared'].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.join(room, file)),
);

test('strips all sources of the reference proxy, and maps each word onto itself', () => {
  expect(sources.length).toBeGreaterThan(50);
  for (const file of sources) {
    const { code, map } = stripTypes(file, readFileSync(file, 'utf8'));
    const mapped = new SourceMap(JSON.parse(map) as SourceMapPayload);
    for (const [index, line] of code.split('\n').slice(0, -3).entries()) {
      for (const { index: column } of line.matchAll(/[\w$]+/g)) {
        const entry = mapped.findEntry(index, column);
        expect(entry, `${file}:${index + 1}:${column + 1}`).toMatchObject({
          originalSource: path.basename(file),
          originalLine: index,
          originalColumn: column,
        });
      }
    }
  }
});

test('says what is wrong with a source that has more than types', () => {
  expect(() => stripTypes('a.ts', 'let a = 1;\nenum A { B }')).toThrow(/^a\.ts:2: .*enum/);
  expect(() => stripTypes('a.ts', 'const = 1;')).toThrow(/^a\.ts:1: /);
});
