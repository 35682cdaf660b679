import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { suggestion } from '../../yaml-file/did-you-mean.ts';
import type { Problem } from '../../yaml-file/problem.ts';

/** A scenario file, and the name its cases have. */
export type ScenarioFile = { path: string; name: string };

/** Folders of the scenarios root that hold no scenarios. */
const OTHER_FOLDERS: readonly string[] = ['targets', 'mutants'];

/**
 * The scenario files at or below `paths`, each once, sorted by name. A path is looked for as it is, then below the
 * root, each with and without `.yaml`; no paths mean the whole root.
 */
export function findScenarioFiles(
  paths: readonly string[],
  root: string,
): { files: ScenarioFile[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const found = new Map<string, ScenarioFile>();
  const add = (path: string): void => {
    const real = realpathSync(path);
    if (!found.has(real)) found.set(real, { path, name: nameOf(path, root) });
  };
  for (const given of paths.length === 0 ? [root] : paths) {
    const path = candidates(given, root).find(
      (one) => statSync(one, { throwIfNoEntry: false }) !== undefined,
    );
    if (path === undefined) {
      const names = walk(root, root).map((file) => nameOf(file, root));
      problems.push({
        message: `no scenario file or folder \`${given}\`${paths.length === 0 ? '' : near(given, names)}`,
      });
    } else if (statSync(path).isDirectory()) {
      const below = walk(path, root);
      if (below.length === 0) problems.push({ message: `no scenario files (*.yaml) below \`${given}\`` });
      for (const file of below) add(file);
    } else if (extname(path) === '.yaml') add(path);
    else problems.push({ message: `\`${given}\` is not a scenario file: their names end in .yaml` });
  }
  const files = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { files, problems: [...problems, ...sameName(files)] };
}

const candidates = (given: string, root: string): string[] =>
  [resolve(given), resolve(root, given)].flatMap((path) => [path, `${path}.yaml`]);

/** Only a near miss is worth a word: a suite has too many names to list. */
function near(given: string, names: string[]): string {
  const hint = suggestion(given.replace(/\.ya?ml$/, ''), names);
  return hint.startsWith('; did') ? hint : '';
}

function walk(folder: string, root: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    if (entry.isDirectory()) {
      const other = resolve(folder) === resolve(root) && OTHER_FOLDERS.includes(entry.name);
      return other ? [] : walk(path, root);
    }
    return extname(entry.name) === '.yaml' ? [path] : [];
  });
}

/** The path below the root, whatever the machine's separator; a file from elsewhere goes by its own name. */
function nameOf(path: string, root: string): string {
  const below = relative(resolve(root), resolve(path));
  const name = below.startsWith('..') || resolve(below) === below ? basename(path) : below;
  return name
    .replace(/\.yaml$/, '')
    .split(sep)
    .join('/');
}

function sameName(files: ScenarioFile[]): Problem[] {
  return files.flatMap((file, index) => {
    const first = files[index - 1];
    if (first?.name !== file.name) return [];
    return [{ message: `${first.path} and ${file.path} would both be the scenario \`${file.name}\`` }];
  });
}
