import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { printableWord } from '../../../shared/errors/printable.ts';
import { type Cell, cellName } from './matrix.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { isRecord, show } from '../../../shared/yaml-file/schema-issues.ts';
import type { Path } from '../../../shared/yaml-file/yaml-source.ts';

export type Substituted = {
  value: unknown;
  issues: Issue[];
  /** Maps a path of `value` to its place in the file: in the matrix, if it came from a variable. */
  origin: (path: Path) => Path;
};

type Place = Omit<Issue, 'message'>;
type Found = { value: unknown; path: Path };

const WHOLE = /^\$\{([^}]*)\}$/;
const ANY = /\$\{([^}]*)\}?/g;

/** Deepest chain of axes that refer to each other; beyond it they refer to themselves. */
const MAX_DEPTH = 20;

/** Limits of one cell: variables that multiply (each stands for two of the next) make gigabytes out of a small file. */
const MOST = { values: 50_000, characters: 1024 * 1024, depth: 64, issues: 100 };

/** Stops the substitution when a cell exceeds the limits. */
class TooLarge extends Error {
  readonly at: Place;

  constructor(at: Place) {
    super('too large');
    this.at = at;
  }
}

/**
 * Substitutes `${axis}` and `${axis.key}` everywhere, keys and nested values too. Text that is just one `${…}` takes the value with its
 * type; as an item of a list, a list is spliced in; a null removes the key or item.
 *
 * @example
 * substitute({ client: ['open', '${ending.step}'] }, { values: { ending: { name: 'fin', step: 'close' } }, … }).value;
 * // { client: ['open', 'close'] }
 */
export function substitute(root: unknown, cell: Pick<Cell, 'values' | 'paths'>): Substituted {
  const filling = new Filling(cell);
  let value: unknown;
  try {
    value = filling.fill(root, [], []);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    const limit = `${MOST.values} values, ${MOST.characters} characters and ${MOST.depth} levels`;
    filling.issues.push({ ...error.at, message: `\`\${…}\` makes more of this than ${limit}` });
  }
  return { value, issues: filling.issues, origin: (path) => filling.origin(path) };
}

class Filling {
  readonly issues: Issue[] = [];
  readonly #cell: Pick<Cell, 'values' | 'paths'>;
  readonly #origins = new Map<string, Path>();
  readonly #reported = new Set<string>();
  #values = 0;
  #characters = 0;

  constructor(cell: Pick<Cell, 'values' | 'paths'>) {
    this.#cell = cell;
  }

  origin(path: Path): Path {
    for (let length = path.length; length >= 0; length--) {
      const known = this.#origins.get(JSON.stringify(path.slice(0, length)));
      if (known !== undefined) return [...known, ...path.slice(length)];
    }
    return path;
  }

  /** Substitutes a value. `from`: where it was written; `to`: its place in the result. */
  fill(written: unknown, from: Path, to: Path): unknown {
    const { value, path } = this.#resolve(written, from);
    this.#count({ path }, 0, to.length);
    this.#origins.set(JSON.stringify(to), path);
    if (typeof value === 'string') return this.#fillText(value, { path });
    if (Array.isArray(value)) return this.#fillList(value, path, to);
    return isRecord(value) ? this.#fillMap(value, path, to) : value;
  }

  #fillList(list: unknown[], from: Path, to: Path, filled: unknown[] = [], spliced = 0): unknown[] {
    this.#count({ path: from }, 0, spliced);
    for (const [index, item] of list.entries()) {
      const { value, path } = this.#resolve(item, [...from, index]);
      if (isWhole(item) && Array.isArray(value)) this.#fillList(value, path, to, filled, spliced + 1);
      else if (!(isWhole(item) && value === null))
        filled.push(this.fill(value, path, [...to, filled.length]));
    }
    return filled;
  }

  #fillMap(map: Record<string, unknown>, from: Path, to: Path): unknown {
    const filled = new Map<string, unknown>();
    for (const [key, content] of Object.entries(map)) {
      const at: Place = { path: [...from, key], part: 'key' };
      const { value: given } = this.#resolve(key, at.path, 'key');
      if (given === null || given === undefined) continue;
      if (typeof given === 'object') {
        this.#report(at, `\`${key}\` is ${show(given)} and cannot be a key`);
        continue;
      }
      const name = typeof given === 'string' ? this.#fillText(given, at) : cellName(given);
      if (filled.has(name)) this.#report(at, `\`${key}\` gives the key \`${name}\` a second time`);
      const value = this.fill(content, at.path, [...to, name]);
      if (value === null && isWhole(content)) continue;
      filled.set(name, value);
    }
    return Object.fromEntries(filled);
  }

  #fillText(text: string, at: Place, depth = 0): string {
    return text.replace(ANY, (written, expression: string) => {
      if (!written.endsWith('}')) {
        this.#report(at, `\`${printableWord(written)}\` has no closing }`);
        return '';
      }
      const found = this.#lookUp(expression, at);
      if (found?.value === undefined) return '';
      const { value } = found;
      if (Array.isArray(value) || value === null) {
        this.#report(at, `\`${written}\` is ${show(value)}, which cannot stand inside other text`);
        return '';
      }
      const name = cellName(value);
      this.#count(at, name.length);
      if (depth < MAX_DEPTH) return this.#fillText(name, at, depth + 1);
      this.#report(at, `\`${written}\` leads back to itself`);
      return '';
    });
  }

  /** Resolves text that is just one `${…}` to its value. */
  #resolve(written: unknown, from: Path, part?: 'key'): Found {
    let found: Found = { value: written, path: from };
    for (let depth = 0; ; depth++) {
      const expression = typeof found.value === 'string' ? WHOLE.exec(found.value)?.[1] : undefined;
      if (expression === undefined) return found;
      const at: Place = part === undefined ? { path: found.path } : { path: from, part };
      if (depth > MAX_DEPTH) this.#report(at, `\`\${${expression}}\` leads back to itself`);
      const next = depth > MAX_DEPTH ? undefined : this.#lookUp(expression, at);
      if (next === undefined) return { value: undefined, path: found.path };
      found = next;
    }
  }

  #lookUp(expression: string, at: Place): Found | undefined {
    const keys = expression.trim().split('.');
    let value: unknown = this.#cell.values;
    for (const [index, key] of keys.entries()) {
      if (!isRecord(value) || !Object.hasOwn(value, key)) {
        const before = keys.slice(0, index);
        const known = isRecord(value) ? Object.keys(value) : [];
        const [wrong, ...names] = [key, ...known].map((name) => [...before, name].join('.'));
        this.#report(at, `unknown variable \`${wrong}\`${suggestion(wrong ?? '', names)}`);
        return undefined;
      }
      value = value[key];
    }
    const [axis = '', ...rest] = keys;
    return { value, path: [...(this.#cell.paths[axis] ?? at.path), ...rest] };
  }

  #count(at: Place, characters: number, depth = 0): void {
    this.#values++;
    this.#characters += characters;
    if (this.#values > MOST.values || this.#characters > MOST.characters || depth > MOST.depth)
      throw new TooLarge(at);
  }

  #report(at: Place, message: string): void {
    const key = JSON.stringify([at.path, message]);
    if (this.#reported.has(key) || this.issues.length >= MOST.issues) return;
    this.#reported.add(key);
    this.issues.push({ ...at, message });
  }
}

const isWhole = (value: unknown): boolean => typeof value === 'string' && WHOLE.test(value);
