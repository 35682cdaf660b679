import type { RunReport } from './run.ts';

/** The report as `report.json`: indented, with a line end, the same text for the same report. */
export function toJson(report: RunReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
