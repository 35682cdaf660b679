import { existsSync } from 'node:fs';
import path from 'node:path';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';
import type { TargetLookup } from '../../scenario/check/target-lookup.ts';
import { displayPath } from '../../scenario/load/load-scenarios.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { readChecked } from '../../../shared/yaml-file/read-checked.ts';
import { readTextFile } from '../../../shared/yaml-file/read-text-file.ts';
import { findTargetFile } from './find-target-file.ts';
import { packageRoot } from '../process/package-root.ts';
import { refuseSetting } from './setting-value.ts';
import { settingsOfRoute } from './target-config.ts';
import { PLACEHOLDERS, placeholderProblems } from './target-placeholders.ts';
import { type CheckedTarget, targetSchema } from './target-schema.ts';
import type { Target } from './target.ts';

export type TargetOptions = {
  /** folder whose `targets` are searched for a name before the shipped ones; `scenarios` by default */
  root?: string;
};

/** Suite that comes with lastfin: its targets can be named from anywhere. */
const SHIPPED = path.join(PACKAGE_ROOT, 'scenarios');

/**
 * Loads a target by its name or path.
 *
 * @throws {LastfinError} LASTFIN_TARGET_INVALID with every problem of the file, or with the known names.
 * @example
 * const target = loadTarget('proxy', { root: 'scenarios' });
 */
export function loadTarget(nameOrPath: string, { root = 'scenarios' }: TargetOptions = {}): Target {
  const found = findTargetFile(nameOrPath, [root, SHIPPED]);
  if ('problem' in found) {
    throw new LastfinError('LASTFIN_TARGET_INVALID', found.problem, {
      facts: { target: nameOrPath, known: found.known },
    });
  }
  const here = path.dirname(path.resolve(found.path));
  const places = { here, root: packageRoot(here), lastfin: PACKAGE_ROOT };
  return withAuthorities(parseTarget(readTarget(found.path), { file: displayPath(found.path), places }));
}

/**
 * Parses a target from the text of its file; the pure part of {@link loadTarget}.
 *
 * @throws {LastfinError} LASTFIN_TARGET_INVALID
 */
export function parseTarget(
  text: string,
  { file, places }: { file: string; places: Target['places'] },
): Target {
  const kind = { schema: targetSchema, meaning: placeholderIssues };
  const { value, source } = readChecked(file, text, kind, 'LASTFIN_TARGET_INVALID');
  const { line, column } = source.locate([]);
  return { name: path.basename(file, '.yaml'), source: { file, line, column }, places, ...value };
}

/** Resolves the target's certificate files relative to its own folder. */
export function withAuthorities(target: Target): Target {
  const routes = Object.entries(target.routes).map(([name, route]): [string, typeof route] => {
    const { ca } = route.client.tls ?? {};
    if (ca === undefined || route.client.tls === undefined) return [name, route];
    const authority = path.resolve(target.places.here, ca);
    if (!existsSync(authority)) {
      const message = `${target.source.file}: no file \`${ca}\`, which \`tls: { ca }\` of the route \`${name}\` names (looked for ${authority})`;
      throw new LastfinError('LASTFIN_TARGET_INVALID', message, {
        facts: { target: target.name, file: authority },
      });
    }
    return [name, { ...route, client: { ...route.client, tls: { ...route.client.tls, ca: authority } } }];
  });
  return { ...target, routes: Object.fromEntries(routes) };
}

function readTarget(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    const message = `${displayPath(file)} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new LastfinError('LASTFIN_TARGET_INVALID', message, { facts: { file }, cause: error });
  }
}

/** Text of a target file that may have placeholders; `extra` is one that only this text may have. */
type Text = { path: Issue['path']; text: string; extra?: string };

/** Texts of a list or of a mapping, at the path of their index or key. */
function textsIn(at: Issue['path'], texts: readonly string[] | Record<string, string>): Text[] {
  const keys = Array.isArray(texts) ? [...texts.keys()] : Object.keys(texts);
  return Object.values<string>(texts).map((text, index) => ({ path: [...at, keys[index]!], text }));
}

function textsOf({ command, environment, config, routes, settings }: CheckedTarget): Text[] {
  const optional = (at: Issue['path'], text: string | undefined): Text[] =>
    text === undefined ? [] : [{ path: at, text }];
  return [
    ...textsIn(['command'], command),
    ...textsIn(['environment'], environment),
    ...optional(['config'], config),
    // one of the two forms exists in the file; the other path falls back to the route, or to the setting
    ...Object.entries(routes).flatMap(([key, route]) => [
      ...textsIn(['routes', key, 'arguments'], route.arguments),
      ...optional(['routes', key, 'config'], route.config),
    ]),
    ...Object.entries(settings)
      .flatMap(([key, { arguments: args = [], config: text, environment: own = {} }]) => [
        ...textsIn(['settings', key, 'environment'], own),
        ...textsIn(['settings', key, 'arguments'], args),
        ...optional(['settings', key, 'config'], text),
      ])
      .map((one) => ({ ...one, extra: 'value' })),
  ];
}

function placeholderIssues(target: CheckedTarget): Issue[] {
  const { metrics, ready } = target;
  const urls: Text[] = [
    { path: ['metrics', 'url'], text: metrics?.url ?? '' },
    { path: ['ready', 'http'], text: ('http' in ready && ready.http) || '' },
  ];
  const ofUrls = PLACEHOLDERS.filter((name) => /^(?:admin|listen)\./.test(name));
  const problems = ({ path: at, text }: Text, known: readonly string[]): Issue[] =>
    placeholderProblems(text, known).map((message) => ({ path: at, message }));
  return [
    ...textsOf(target).flatMap((one) =>
      problems(one, one.extra === undefined ? PLACEHOLDERS : [one.extra, ...PLACEHOLDERS]),
    ),
    ...urls.flatMap((one) => problems(one, ofUrls)),
  ];
}

/**
 * Finds targets for `loadScenarios`. Each target is loaded once.
 *
 * @param given targets that are loaded already, found by their names
 * @throws {LastfinError} LASTFIN_TARGET_INVALID for a target that exists but is wrong.
 * @example
 * loadScenarios([], { root, targets: targetLookup({ root }) });
 */
export function targetLookup(
  { root = 'scenarios' }: TargetOptions = {},
  given: readonly Target[] = [],
): TargetLookup {
  const loaded = new Map<string, ReturnType<TargetLookup>>(given.map((one) => [one.name, factsOf(one)]));
  const load = (nameOrPath: string): ReturnType<TargetLookup> => {
    const found = findTargetFile(nameOrPath, [root, SHIPPED]);
    if ('problem' in found) return { known: found.known };
    return factsOf(loadTarget(nameOrPath, { root }));
  };
  return (nameOrPath) => {
    const known = loaded.get(nameOrPath) ?? load(nameOrPath);
    loaded.set(nameOrPath, known);
    return known;
  };
}

/** Facts about a target that scenarios are checked against. */
function factsOf(target: Target): ReturnType<TargetLookup> {
  const { routes, settings, hops, transparent, reload } = target;
  return {
    routes: Object.keys(routes),
    hops,
    transparent,
    settings: (route) => settingsOfRoute(target, route),
    reloads: reload !== undefined,
    refuse: (name, value) => refuseSetting(settings[name]?.type ?? 'string', value),
  };
}
