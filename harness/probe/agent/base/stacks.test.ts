import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { folderOfTest } from '../../../../shared/testing/folders.ts';
import { capture, positionsOf } from './stacks.ts';

type Call = (then: () => unknown, depth: number) => unknown;

/** Functions of packages that call each other to the requested depth, and then the given function. */
async function packages(...names: string[]): Promise<Call[]> {
  const folder = folderOfTest();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, 'node_modules', name, 'index.mjs');
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(
        file,
        'export const call = (then, depth) => (depth > 1 ? call(then, depth - 1) : then());\n',
      );
      const { call } = (await import(pathToFileURL(file).href)) as { call: Call };
      return call;
    }),
  );
}

test('the first frame of each package and of the program is kept behind the many of a dependency', async () => {
  const [inner, outer] = await packages('inner', '@scope/outer');
  if (!inner || !outer) throw new Error('no packages');
  const take = (): ReturnType<typeof capture> => capture(take);
  const taken = outer(() => inner(take, 8), 3) as ReturnType<typeof capture>;
  const files = positionsOf(taken).map(({ file }) => {
    const [, name] = /node_modules\/(.*)\/index\.mjs$/.exec(file) ?? [];
    return name ?? path.basename(file);
  });
  expect(files).toHaveLength(6);
  expect(files.slice(0, 3)).toEqual(['inner', 'inner', 'inner']);
  expect(files).toContain('@scope/outer');
  expect(files).toContain('stacks.test.ts');
});
