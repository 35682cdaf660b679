import type { SettingType } from '../../targets/file/target-schema.ts';
import type { NotApplicable } from './admissions.ts';

/** Cases that would run if the target file named these settings. */
export type WouldRun = { cases: number; settings: string[]; yaml: string };

/** Most settings in one proposal: a longer list is not read. */
const MOST_SETTINGS = 4;

/**
 * Proposes the few settings that let the most cases run, with YAML to paste into the target file; undefined where no settings would help.
 *
 * @param typeOf type of a setting, as the reference proxy has it
 */
export function wouldRun(
  notApplicable: readonly Pick<NotApplicable, 'settings'>[],
  typeOf: (setting: string) => SettingType,
): WouldRun | undefined {
  const sets = notApplicable.flatMap(({ settings }) => (settings === undefined ? [] : [settings]));
  const chosen = new Set<string>();
  for (;;) {
    const best = sets
      .map((set) => [...new Set([...chosen, ...set])])
      .filter((all) => all.length > chosen.size && all.length <= MOST_SETTINGS)
      .map((all) => ({
        all,
        gain: (unlocked(sets, all) - unlocked(sets, [...chosen])) / (all.length - chosen.size),
      }))
      .reduce<{ all: string[]; gain: number } | undefined>(
        (most, one) => (most === undefined || one.gain > most.gain ? one : most),
        undefined,
      );
    if (best === undefined) break;
    for (const setting of best.all) chosen.add(setting);
  }
  const settings = [...chosen];
  const cases = unlocked(sets, settings);
  return cases === 0 ? undefined : { cases, settings, yaml: toYaml(settings, typeOf) };
}

function unlocked(sets: readonly (readonly string[])[], settings: readonly string[]): number {
  return sets.filter((set) => set.every((one) => settings.includes(one))).length;
}

function toYaml(settings: readonly string[], typeOf: (setting: string) => SettingType): string {
  const lines = settings.map(
    (name) => `  ${name}: { type: ${typeOf(name)}, arguments: [--${kebab(name)}, '{{value}}'] }`,
  );
  return ['settings: # as your program takes them', ...lines].join('\n');
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
