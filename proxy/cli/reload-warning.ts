import type { ProxyConfig } from '../config/config-file.ts';

/**
 * What a config file says otherwise than at the start although it cannot be changed while the proxy runs: everything but its
 * listeners and routes. Names of settings, as in the file.
 */
export function ignoredChanges(atStart: ProxyConfig, now: ProxyConfig): string[] {
  return differences(fixed(atStart), fixed(now)).toSorted();
}

/** Names as in the file; a limit that is not written has its default. */
function fixed({ settings, log, logRepeats, admin }: ProxyConfig): Record<string, unknown> {
  const { listeners: _, ...limits } = settings;
  const named = Object.entries(limits).map(([name, value]) => [`limits.${name}`, value]);
  return { ...Object.fromEntries(named), log, logRepeats, admin };
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
