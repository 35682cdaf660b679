import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { isFolder } from '../../../shared/look-at-path.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import type { Problem } from '../../../shared/yaml-file/problem.ts';
import { type Kind, kindAndName, placesOf, type Suite } from '../suite.ts';

/** Scenario file with its kind and the name of its cases. */
export type ScenarioFile = { path: string; name: string; kind: Kind };

/** Folders at the top of a suite that hold no scenarios. */
const OTHER_FOLDERS: readonly string[] = ['targets', 'mutants'];

/**
 * Finds the scenario files at or below `paths`, each once, sorted by name; without paths, all of every suite. `direct` are the files
 * that were named themselves.
 */
export function findScenarioFiles(
  paths: readonly string[],
  suites: readonly Suite[],
): { files: ScenarioFile[]; direct: Set<string>; problems: Problem[] } {
  const problems: Problem[] = [];
  const found = new Map<string, ScenarioFile>();
  const direct = new Set<string>();
  const add = (file: string): void => {
    const real = realPath(file);
    if (real === undefined)
      problems.push({ message: `${file}: is a link to nothing, or cannot be followed` });
    else if (!found.has(real)) found.set(real, { path: file, ...describe(file, suites) });
  };
  const addBelow = (folder: string, given: string): void => {
    const below = walk(folder, suites);
    if (below.length === 0) problems.push({ message: `no scenario files (*.yaml) below \`${given}\`` });
    for (const file of below) add(file);
  };
  if (paths.length === 0) {
    for (const [index, { folder }] of suites.entries()) {
      // a folder `scenarios` beside the shipped suite may be empty, or hold something else
      if (index > 0 && walk(folder, suites).length === 0) continue;
      if (!isFolder(folder)) problems.push({ message: `no scenario file or folder \`${folder}\`` });
      else addBelow(folder, folder);
    }
  }
  for (const given of paths) {
    const places = placesOf(given, suites);
    if (places.length === 0) {
      const names = suites
        .flatMap(({ folder }) => walk(folder, suites))
        .map((file) => describe(file, suites).name);
      problems.push({ message: `no scenario file or folder \`${given}\`${near(given, names)}` });
    }
    for (const place of places) {
      if (isFolder(place)) addBelow(place, given);
      else if (path.extname(place) === '.yaml') {
        add(place);
        direct.add(describe(place, suites).name);
      } else problems.push({ message: `\`${given}\` is not a scenario file: their names end in .yaml` });
    }
  }
  const files = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { files, direct, problems: [...problems, ...sameName(files)] };
}

/** Suggests the name that was meant; a suite has too many names to list, but few areas. */
function near(given: string, names: string[]): string {
  const hint = suggestion(given.replace(/\.ya?ml$/, ''), names);
  if (hint.startsWith('; did')) return hint;
  const areas = new Set(names.flatMap((name) => (name.includes('/') ? name.split('/', 1) : [])));
  if (given.includes('/') || areas.size === 0) return '';
  return `; areas: ${[...areas].toSorted((a, b) => (a < b ? -1 : 1)).join(', ')}`;
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function walk(folder: string, suites: readonly Suite[]): string[] {
  if (!isFolder(folder)) return [];
  const isTop = suites.some((suite) => path.resolve(suite.folder) === path.resolve(folder));
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    if (entry.isDirectory()) return isTop && OTHER_FOLDERS.includes(entry.name) ? [] : walk(file, suites);
    return path.extname(entry.name) === '.yaml' ? [file] : [];
  });
}

/** Kind and name of a file: the path below its suite, on any machine; a file from elsewhere has its file name. */
function describe(file: string, suites: readonly Suite[]): { kind: Kind; name: string } {
  for (const suite of suites) {
    const below = path.relative(path.resolve(suite.folder), path.resolve(file));
    if (!below.startsWith('..') && path.resolve(below) !== below) return kindAndName(below, suite);
  }
  return { kind: 'own', name: path.basename(file, '.yaml') };
}

function sameName(files: ScenarioFile[]): Problem[] {
  return files.flatMap((file, index) => {
    const first = files[index - 1];
    if (first?.name !== file.name) return [];
    return [{ message: `${first.path} and ${file.path} would both be the scenario \`${file.name}\`` }];
  });
}
