import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { PACKAGE_ROOT } from '../lab/package-root.ts';
import type { Mutant } from './mutant-file.ts';

/** Inside the package, so that the mutated proxies find its node_modules; one for each process, as two may hunt at once. */
const WORK = path.join(PACKAGE_ROOT, '.lastfin', `mutants-${process.pid}`);

/** What the reference proxy consists of. */
const COPIED = ['proxy', 'errors', 'yaml-file'];

/** Folder of the compiled copy of a mutant; stands in for `dist`. */
export function mutantBuild(id: string): string {
  return path.join(WORK, 'dist', id);
}

/** Removes what {@link buildMutants} made. */
export async function removeMutants(): Promise<void> {
  await rm(WORK, { recursive: true, force: true });
}

/** The prefix that positions in a mutant's findings have, relative to the package root. */
export function mutantSource(id: string): string {
  return path.relative(PACKAGE_ROOT, path.join(WORK, 'src', id));
}

/**
 * Patches a copy of the reference proxy for each mutant and compiles all copies in one go.
 * Rejects with `LASTFIN_MUTANT_STALE` that lists every patch which does not apply exactly once.
 */
export async function buildMutants(mutants: readonly Mutant[]): Promise<void> {
  await rm(WORK, { recursive: true, force: true });
  await mkdir(WORK, { recursive: true });
  const stale: string[] = [];
  for (const mutant of mutants) {
    const folder = path.join(WORK, 'src', mutant.id);
    for (const room of COPIED) {
      await cp(path.join(PACKAGE_ROOT, room), path.join(folder, room), { recursive: true, filter: isSource });
    }
    for (const { file, find, replace } of mutant.patch) {
      const target = path.join(folder, file);
      const text = await readFile(target, 'utf8').catch(() => '');
      const times = text.split(find).length - 1;
      if (times === 1)
        await writeFile(
          target,
          text.replace(find, () => replace),
        );
      else stale.push(`${mutant.file}: \`find\` stands ${times} times in ${file}, not once`);
    }
  }
  if (stale.length > 0)
    throw new LastfinError('LASTFIN_MUTANT_STALE', stale.join('\n'), { facts: { stale } });
  await compile();
  // never mutated, and bundled: they start as fast as the original
  for (const { id } of mutants)
    await symlink(path.join(PACKAGE_ROOT, 'dist', 'vendor'), path.join(mutantBuild(id), 'vendor'));
}

function isSource(file: string): boolean {
  return !file.endsWith('.test.ts') && path.basename(file) !== 'testing';
}

async function compile(): Promise<void> {
  const config = path.join(WORK, 'tsconfig.json');
  const options = {
    extends: '../../tsconfig.build.json',
    // a mutant may well leave an unused name behind: it only has to run
    compilerOptions: {
      rootDir: 'src',
      outDir: 'dist',
      noCheck: true,
      declaration: false,
      incremental: false,
      tsBuildInfoFile: null,
      types: ['node'],
      typeRoots: ['../../node_modules/@types'],
    },
    include: ['src'],
    exclude: [],
  };
  await writeFile(config, JSON.stringify(options));
  const tsc = path.join(PACKAGE_ROOT, 'node_modules', '.bin', 'tsc');
  try {
    await promisify(execFile)(tsc, ['-p', config]);
  } catch (cause) {
    const { stdout } = cause as { stdout?: string };
    throw new LastfinError('LASTFIN_LAB', `the mutants do not compile:\n${stdout}`, { cause });
  }
}
