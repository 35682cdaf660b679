import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { concurrently } from '../../shared/concurrently.ts';
import { compiled, PACKAGE_ROOT } from '../../shared/package-root.ts';
import type { Mutant } from './mutant-file.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { stripTypes } from './strip-types.ts';

/** Rooms that the reference proxy consists of; their sources are in the package. */
const COPIED = ['proxy', 'errors', 'yaml-file'];

/** Runnable copies of the reference proxy with one mistake each. */
export type MutantBuilds = {
  /** folder of a mutant's copy: stands in for `dist`, and its sources have the same names and positions as the package's */
  folderOf: (id: string) => string;
  /** removes all copies */
  remove: () => Promise<void>;
};

/**
 * Patches a copy of the reference proxy for each mutant, in a temporary folder: the package may be read-only.
 * Rejects with `LASTFIN_MUTANT_STALE` that lists every patch which does not apply exactly once, and with `LASTFIN_LAB` for a copy that
 * does not compile.
 */
export async function buildMutants(mutants: readonly Mutant[]): Promise<MutantBuilds> {
  const sources = await readSources();
  return buildCopies(sources, patchAll(mutants, sources));
}

/**
 * Builds copies of the reference proxy from changed files.
 *
 * @param changed id of a copy → file → its text
 */
export async function buildCopies(
  sources: ReadonlyMap<string, string>,
  changed: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Promise<MutantBuilds> {
  const work = temporaryFolder('mutants');
  const builds: MutantBuilds = {
    folderOf: (id) => path.join(work, id),
    remove: () => rm(work, { recursive: true, force: true }),
  };
  try {
    const original = path.join(work, 'original');
    await writeFile(path.join(work, 'package.json'), '{ "type": "module" }');
    for (const [file, text] of sources) await writeStripped(original, file, text);
    await concurrently(8, [...changed], ([id, files]) =>
      writeMutant(builds.folderOf(id), original, sources, files),
    );
  } catch (error) {
    await builds.remove();
    throw error;
  }
  return builds;
}

/** Sources of the reference proxy by their names in the package, without tests. */
export async function readSources(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const room of COPIED) {
    const names = await readdir(path.join(PACKAGE_ROOT, room), { recursive: true });
    for (const name of names.filter(isSource)) {
      sources.set(path.join(room, name), await readFile(path.join(PACKAGE_ROOT, room, name), 'utf8'));
    }
  }
  return sources;
}

function isSource(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.split(path.sep).includes('testing');
}

/** The changed files of each mutant, by its id. */
function patchAll(
  mutants: readonly Mutant[],
  sources: ReadonlyMap<string, string>,
): Map<string, Map<string, string>> {
  const stale: string[] = [];
  const patched = new Map<string, Map<string, string>>();
  for (const mutant of mutants) {
    const files = new Map<string, string>();
    for (const { file, find, replace } of mutant.patch) {
      const text = files.get(file) ?? sources.get(file);
      if (text === undefined) {
        stale.push(`${mutant.file}: there is no source \`${file}\``);
        continue;
      }
      const times = text.split(find).length - 1;
      if (times === 1)
        files.set(
          file,
          text.replace(find, () => replace),
        );
      else stale.push(`${mutant.file}: \`find\` stands ${times} times in ${file}, not once`);
    }
    patched.set(mutant.id, files);
  }
  if (stale.length > 0)
    throw new LastfinError('LASTFIN_MUTANT_STALE', stale.join('\n'), { facts: { stale } });
  return patched;
}

async function writeMutant(
  folder: string,
  original: string,
  sources: ReadonlyMap<string, string>,
  patched: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const rooms = new Set([...sources.keys()].map((file) => path.dirname(file)));
  for (const room of rooms) await mkdir(path.join(folder, room), { recursive: true });
  for (const file of sources.keys()) {
    const text = patched.get(file);
    if (text !== undefined) await writeStripped(folder, file, text);
    else await linkStripped(folder, original, file);
  }
  // never mutated: bundled files make a copy start as fast as the original
  await symlink(compiled('vendor'), path.join(folder, 'vendor'), 'junction');
}

async function writeStripped(folder: string, file: string, text: string): Promise<void> {
  const [js, map] = filesOf(path.join(folder, file));
  const stripped = strip(file, text);
  await mkdir(path.dirname(js), { recursive: true });
  await writeFile(js, stripped.code);
  await writeFile(map, stripped.map);
}

/** Links a file of the original: copies of sixty files for each of a hundred mutants would take seconds. */
async function linkStripped(folder: string, original: string, file: string): Promise<void> {
  const [js, map] = filesOf(path.join(folder, file));
  const [originalJs, originalMap] = filesOf(path.join(original, file));
  await link(originalJs, js);
  await link(originalMap, map);
}

function filesOf(source: string): [js: string, map: string] {
  const js = source.replace(/\.ts$/, '.js');
  return [js, `${js}.map`];
}

function strip(file: string, text: string): ReturnType<typeof stripTypes> {
  try {
    return stripTypes(file, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LastfinError('LASTFIN_LAB', `a mutant does not compile: ${why}`, { facts: { file }, cause });
  }
}
