import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

import type { Example } from './examples.ts';

/**
 * Compiles examples as a user with strict settings would, against the types of the installed package.
 *
 * @returns messages of the compiler, each with the example it is about; empty where all is well
 */
export async function compileExamples(folder: string, examples: readonly Example[]): Promise<string> {
  const work = path.join(folder, 'compiled');
  await mkdir(work, { recursive: true });
  for (const [index, { file, line, text }] of examples.entries())
    await writeFile(path.join(work, `${index}.mts`), `// ${file}:${line}\n${text}\nexport {};\n`);
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    // declarations that name a package which is not installed are an error, too
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [path.resolve('node_modules/@types')],
  };
  await writeFile(path.join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
  const tsc = path.resolve('node_modules/.bin/tsc');
  const { exitCode, all } = await execa(tsc, ['-p', work, '--pretty', 'false'], { all: true, reject: false });
  if (exitCode === 0) return '';
  return all.replaceAll(/^(?:.*\/)?(\d+)\.mts\(/gm, (place, index: string) => {
    const { file = '', line = 0 } = examples[Number(index)] ?? {};
    return `${file}:${line} ${place}`;
  });
}
