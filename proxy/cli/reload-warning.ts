import type { ProxyConfig } from '../config/config-file.ts';

/**
 * Lists the settings of a changed config file that take effect only after a restart: everything but listeners and routes.
 * Names are those of the file.
 */
export function ignoredChanges(atStart: ProxyConfig, now: ProxyConfig): string[] {
  return differences(fixed(atStart), fixed(now)).toSorted();
}

/** Settings that a reload cannot change, by their names in the file; a limit that is not written has its default. */
function fixed({ settings, log, logRepeats, admin }: ProxyConfig): Record<string, unknown> {
  const { listeners: _, ...limits } = settings;
  const named = Object.entries(limits).map(([name, value]) => [`limits.${name}`, value]);
  return { ...Object.fromEntries(named), log, logRepeats, admin };
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
