import { suggestion } from './did-you-mean.ts';
import { cellName } from './matrix.ts';
import type { Issue } from './problem.ts';
import { isRecord, show } from './schema-issues.ts';
import type { Path } from './yaml-source.ts';

export type Substituted = {
  value: unknown;
  issues: Issue[];
  /** The path in the file that a path of `value` came from: splicing moves items, and `${…}` in keys renames them. */
  origin: (path: Path) => Path;
};

const WHOLE = /^\$\{([^}]*)\}$/;
const ANY = /\$\{([^}]*)\}?/g;

/**
 * Fills in `${axis}` and `${axis.key}` everywhere, keys too. Text that is nothing but one `${…}` takes the value with
 * its type; as an item of a list, a list is spliced in; a null removes the key or item.
 *
 * @example
 * substitute({ client: ['open', '${ending.step}'] }, { ending: { name: 'fin', step: 'close' } }).value;
 * // { client: ['open', 'close'] }
 */
export function substitute(root: unknown, variables: Record<string, unknown>): Substituted {
  const issues: Issue[] = [];
  const origins = new Map<string, Path>();

  const fill = (value: unknown, from: Path, to: Path): unknown => {
    origins.set(JSON.stringify(to), from);
    if (typeof value === 'string') return fillText(value, { path: from });
    if (Array.isArray(value)) return fillList(value, from, to);
    if (isRecord(value)) return fillMap(value, from, to);
    return value;
  };

  const fillList = (list: unknown[], from: Path, to: Path): unknown[] => {
    const filled: unknown[] = [];
    for (const [index, item] of list.entries()) {
      const whole = typeof item === 'string' && WHOLE.test(item);
      const origin = [...from, index];
      const value = fill(item, origin, [...to, filled.length]);
      if (whole && value === null) continue;
      const values = whole && Array.isArray(value) ? value : [value];
      for (const one of values) {
        origins.set(JSON.stringify([...to, filled.length]), origin);
        filled.push(one);
      }
    }
    return filled;
  };

  const fillMap = (map: Record<string, unknown>, from: Path, to: Path): unknown => {
    const filled = new Map<string, unknown>();
    for (const [key, value] of Object.entries(map)) {
      const origin = [...from, key];
      const given = fillText(key, { path: origin, part: 'key' });
      if (given === null) continue;
      if (typeof given === 'object') {
        issues.push({
          path: origin,
          part: 'key',
          message: `\`${key}\` is ${show(given)} and cannot be a key`,
        });
        continue;
      }
      const name = cellName(given);
      if (filled.has(name)) {
        const message = `\`${key}\` gives the key \`${name}\` a second time`;
        issues.push({ path: origin, part: 'key', message });
      }
      const content = fill(value, origin, [...to, name]);
      if (content === null && typeof value === 'string') continue;
      filled.set(name, content);
    }
    return Object.fromEntries(filled);
  };

  const fillText = (text: string, at: Omit<Issue, 'message'>): unknown => {
    const whole = WHOLE.exec(text)?.[1];
    if (whole !== undefined) return lookUp(whole, at);
    return text.replace(ANY, (written, expression: string) => {
      if (!written.endsWith('}')) {
        issues.push({ ...at, message: `\`${written}\` has no closing }` });
        return '';
      }
      const value = lookUp(expression, at);
      if (value === undefined) return '';
      if (Array.isArray(value) || value === null) {
        const message = `\`${written}\` is ${show(value)}, which cannot stand inside other text`;
        issues.push({ ...at, message });
      }
      return cellName(value);
    });
  };

  const lookUp = (expression: string, at: Omit<Issue, 'message'>): unknown => {
    let value: unknown = variables;
    const passed: string[] = [];
    for (const key of expression.trim().split('.')) {
      const known = isRecord(value) ? Object.keys(value) : [];
      if (!isRecord(value) || !Object.hasOwn(value, key)) {
        const wrong = [...passed, key].join('.');
        const names = known.map((name) => [...passed, name].join('.'));
        issues.push({ ...at, message: `unknown variable \`${wrong}\`${suggestion(wrong, names)}` });
        return undefined;
      }
      value = value[key];
      passed.push(key);
    }
    return value;
  };

  const value = fill(root, [], []);
  return {
    value,
    issues,
    origin: (path) => {
      for (let length = path.length; length >= 0; length--) {
        const known = origins.get(JSON.stringify(path.slice(0, length)));
        // What came out of a variable has no place of its own; a path that is as it was written keeps its rest.
        if (known !== undefined) return length === path.length ? known : [...known, ...path.slice(length)];
      }
      return path;
    },
  };
}
