import type { Row, RunData } from '../../html/run-data.ts';

export type Area = { area: string; scenarios: { scenario: string; rows: Row[] }[] };

/** Folder of a scenario; the scenario itself where it has none. */
export function areaOf(scenario: string): string {
  const end = scenario.lastIndexOf('/');
  return end <= 0 ? scenario : scenario.slice(0, end);
}

const known = new WeakMap<RunData, Area[]>();

/** Cases by folder and scenario, in the order of their ids; made once for each state of the run. */
export function areasOf(data: RunData): Area[] {
  let areas = known.get(data);
  if (areas === undefined) known.set(data, (areas = group(data.rows)));
  return areas;
}

function group(rows: readonly Row[]): Area[] {
  const areas = new Map<string, Map<string, Row[]>>();
  for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const name = areaOf(row.scenario);
    const scenarios = areas.get(name) ?? new Map<string, Row[]>();
    const list = scenarios.get(row.scenario) ?? [];
    list.push(row);
    scenarios.set(row.scenario, list);
    areas.set(name, scenarios);
  }
  return [...areas].map(([area, scenarios]) => ({
    area,
    scenarios: [...scenarios].map(([scenario, list]) => ({ scenario, rows: list })),
  }));
}
