import type { Target } from './target.ts';

/** Whether the number of the target's records can be read: from the probe, its log, or its metrics page. */
export function publishesRecords({
  publishes,
  gauges,
  metrics,
  pid,
}: Pick<Target, 'publishes' | 'gauges' | 'metrics' | 'pid'>): boolean {
  // an attached process has no probe, and its output goes elsewhere
  const tells = pid === undefined && (publishes.records || gauges['records'] !== undefined);
  return tells || metrics?.gauges['records'] !== undefined;
}
