import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { isFile } from '../../shared/look-at-path.ts';
import { printableWord } from '../../shared/errors/printable.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';

/** A program of a project, as its target file starts it: paths of the project begin with `{{here}}`. */
export type Program = {
  command: string[];
  /** variables that its start script sets */
  environment: Record<string, string>;
  /** place where the program was found: `scripts.start`, `bin`, … */
  from: string;
};

/** The parts of a project that say how its program is started and told its addresses. */
export type Project = {
  folder: string;
  name: string;
  /** programs, most likely first */
  programs: Program[];
  dependencies: string[];
};

type Manifest = {
  name?: unknown;
  main?: unknown;
  bin?: unknown;
  scripts?: Record<string, unknown>;
  dependencies?: Record<string, unknown>;
  devDependencies?: Record<string, unknown>;
};

/** Longest start script, in characters: each of its words is looked for in the folder. */
const LONGEST_COMMAND = 4096;

/** Files that start a program where no manifest says so. */
const USUAL = [
  'server',
  'proxy',
  'index',
  'main',
  'app',
  'src/server',
  'src/index',
  'src/main',
  'dist/index',
].flatMap((name) => ['.js', '.mjs', '.cjs'].map((extension) => `${name}${extension}`));

/** Reads a folder's package.json, where there is one, and looks for programs. */
export function readProject(folder: string): Project {
  const manifest = readManifest(folder);
  const programs = [
    ...scriptPrograms(folder, manifest.scripts ?? {}),
    ...[...binaries(manifest.bin), ...textOf(manifest.main)].flatMap((file) =>
      nodeProgram(folder, file, 'package.json'),
    ),
    ...USUAL.flatMap((file) => nodeProgram(folder, file, file)),
  ];
  const seen = new Set<string>();
  return {
    folder,
    // the name goes to the terminal, and into the files that are written
    name: printableWord(textOf(manifest.name)[0] ?? path.basename(folder)),
    programs: programs.filter(({ command }) => {
      const key = command.join(' ');
      return !seen.has(key) && Boolean(seen.add(key));
    }),
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
  };
}

/**
 * A command line as words: quotes hold words together, `NAME=value` in front sets a variable, and files of the folder become `{{here}}/…`.
 *
 * @example
 * programOf('/my/project', 'PORT=3000 node server.js --quiet', '--command').environment; // { PORT: '3000' }
 */
export function programOf(folder: string, line: string, from: string): Program {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
  const environment: Record<string, string> = {};
  for (let word = words[0]; word !== undefined; word = words[0]) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(word) ?? [];
    if (name === undefined) break;
    environment[name] = value ?? '';
    words.shift();
  }
  return { command: words.map((word, index) => placed(folder, word, index)), environment, from };
}

/** The sources that a program consists of, as one text: of its own folder, not of its dependencies. */
export function sourcesOf(
  { folder }: Pick<Project, 'folder'>,
  { command }: Pick<Program, 'command'>,
): string {
  const entry = command.find((word, index) => index > 0 && word.startsWith('{{here}}/'));
  if (entry === undefined) return '';
  const file = path.join(folder, entry.slice('{{here}}/'.length));
  if (!isFile(file)) return '';
  const beside = sourceFiles(path.dirname(file), 2);
  return [file, ...beside]
    .slice(0, 200)
    .flatMap((one) => textOfSource(one).slice(0, 200_000))
    .join('\n');
}

/** Text of a file; empty for one that cannot be read, such as a named pipe: it is one of many. */
function textOfSource(file: string): string {
  try {
    return readTextFile(file);
  } catch {
    return '';
  }
}

function readManifest(folder: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(
      readTextFile(path.join(folder, 'package.json'), { most: 1024 * 1024 }),
    );
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch {
    return {};
  }
}

function scriptPrograms(folder: string, scripts: Record<string, unknown>): Program[] {
  return ['start', 'serve', 'dev'].flatMap((name) =>
    textOf(scripts[name])
      .filter((line) => line.length <= LONGEST_COMMAND)
      // a shell's own signs need a shell, and what a shell starts does not get the signals
      .filter((line) => !/[&|;<>$`*]/.test(line))
      .map((line) => programOf(folder, line, `scripts.${name}`))
      .filter(({ command: [first = ''] }) => !['npm', 'npx', 'pnpm', 'yarn', 'nodemon'].includes(first)),
  );
}

function placed(folder: string, word: string, index: number): string {
  if (word.includes('{{') || word.startsWith('-') || path.isAbsolute(word)) return word;
  if (index === 0) {
    if (word.includes('/') && isFile(path.join(folder, word))) return `{{here}}/${path.normalize(word)}`;
    const local = path.join('node_modules', '.bin', word);
    return isFile(path.join(folder, local)) ? `{{here}}/${local}` : word;
  }
  return isFile(path.join(folder, word)) ? `{{here}}/${path.normalize(word)}` : word;
}

function nodeProgram(folder: string, file: string, from: string): Program[] {
  const found = [file, `${file}.js`, path.join(file, 'index.js')].find((one) =>
    isFile(path.join(folder, one)),
  );
  if (found === undefined) return [];
  return [{ command: ['node', `{{here}}/${path.normalize(found)}`], environment: {}, from }];
}

function binaries(bin: unknown): string[] {
  if (typeof bin === 'object' && bin !== null) return Object.values(bin).flatMap(textOf);
  return textOf(bin);
}

function textOf(value: unknown): string[] {
  // a command line or file name with control characters is no program's
  return typeof value === 'string' && value !== '' && !/[^\P{Cc}\t]|[\p{Cf}\p{Cs}]/u.test(value)
    ? [value]
    : [];
}

function sourceFiles(folder: string, depth: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.') || ['node_modules', 'test', 'tests', 'coverage'].includes(entry.name))
      return [];
    if (entry.isDirectory()) return depth > 0 ? sourceFiles(file, depth - 1) : [];
    return /\.[cm]?[jt]s$/.test(entry.name) && !/\.(test|spec)\./.test(entry.name) ? [file] : [];
  });
}

/** Path of the installed lastfin from a project's folder: a workspace may have it in a folder above. */
export function installedLastfin(folder: string): string {
  const inside = path.join('node_modules', 'lastfin');
  for (let above = path.resolve(folder); ; above = path.dirname(above)) {
    if (existsSync(path.join(above, inside, 'package.json')))
      return path.relative(folder, path.join(above, inside)).replaceAll('\\', '/');
    if (above === path.dirname(above)) return 'node_modules/lastfin';
  }
}
