import type { RunReport } from '../run-report.ts';

/** The report as `report.json`: indented, with a line end, the same text for the same report. */
export function toJson(report: RunReport): string {
  return `${safeJson(report, 2)}\n`;
}

/** JSON of a value that is safe to print anywhere: characters that a terminal or a GitHub runner would obey are escaped. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent)
    .replaceAll(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', String.raw`##\u005b`);
}

/** Control characters that JSON leaves unescaped, and characters that change the direction of text. */
const OBEYED = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;
