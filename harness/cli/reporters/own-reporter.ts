import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { isFile } from '../../../shared/look-at-path.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import type { Reporter, TextOutput } from '../../report/reporter.ts';

/** Hooks of a reporter, in the order in which a run calls them. */
export const HOOKS = [
  'onRunStart',
  'onCaseStart',
  'onCasePhase',
  'onCaseWait',
  'onCaseEnd',
  'onRunEnd',
] as const;

/**
 * Loads a reporter of the user's own: the export `reporter`, else the default one, else the only one with hooks. A class is made with the output; an
 * object is taken as it is.
 *
 * @throws LastfinError `LASTFIN_USAGE` where there is no such file, it cannot be loaded, or it exports no reporter
 */
export async function loadOwnReporter(module: string, output: TextOutput): Promise<Reporter> {
  const file = path.resolve(module);
  if (!isFile(file)) throw refused(module, `there is no such file (${file})`);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw refused(module, `it cannot be loaded: ${inWords(error)}`, error);
  }
  const reporter = made(module, chosen(module, exported), output);
  for (const name of namesOf(reporter)) {
    if (!isHookName(name) && /^on[A-Z]/.test(name))
      throw refused(
        module,
        `there is no hook \`${name}\`${suggestion(name, HOOKS)}; hooks are ${HOOKS.join(', ')}`,
      );
    if (isHookName(name) && typeof Reflect.get(reporter, name) !== 'function')
      throw refused(module, `its \`${name}\` is no function`);
  }
  return reporter;
}

function chosen(module: string, exported: Record<string, unknown>): object {
  const named = exported['reporter'] ?? exported['default'];
  const all = (named === undefined ? Object.values(exported) : [named]).filter(isObject);
  const withHooks = all.filter((value) => namesOf(isClass(value) ? value.prototype : value).some(isHookName));
  // hooks may be fields, which only an object of the class has
  const candidates = withHooks.length > 0 ? withHooks : all.filter(isClass);
  const [first] = candidates;
  if (first === undefined)
    throw refused(module, `it exports no class or object with a hook: ${HOOKS.join(', ')}`);
  if (candidates.length > 1)
    throw refused(module, 'it exports several reporters; name the one to use `reporter`');
  return first;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isClass(value: object): value is { prototype: object; new (output: TextOutput): object } {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function made(module: string, value: object, output: TextOutput): Reporter {
  if (!isClass(value)) return value;
  let reporter: object;
  try {
    reporter = new value(output);
  } catch (error) {
    throw refused(module, `its constructor throws: ${inWords(error)}`, error);
  }
  if (namesOf(reporter).some(isHookName)) return reporter;
  throw refused(module, `its class has no hook: ${HOOKS.join(', ')}`);
}

/** Names of all members, those of its classes too. */
function namesOf(value: object): string[] {
  const names: string[] = [];
  for (
    let one: object | null = value;
    one !== null && one !== Object.prototype;
    one = Reflect.getPrototypeOf(one)
  )
    names.push(...Object.getOwnPropertyNames(one));
  return names;
}

function isHookName(name: string): boolean {
  return HOOKS.some((hook) => hook === name);
}

function refused(module: string, why: string, cause?: unknown): LastfinError {
  return new LastfinError('LASTFIN_USAGE', `--reporter ${module}: ${why}`, { facts: { module }, cause });
}

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
