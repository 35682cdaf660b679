import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { isRecord, nameOf, show } from '../../../shared/yaml-file/schema-issues.ts';
import type { Path } from '../../../shared/yaml-file/yaml-source.ts';

type Scalar = string | number | boolean | null;
type CellValue = Scalar | { name: string | number | boolean; [key: string]: unknown };

/** Axes and exclusions as written; `matrixSchema` checks them. Its own type would bring zod into the types of the package. */
type Matrix = {
  matrix?: Record<string, CellValue[]> | undefined;
  exclude?: Record<string, Scalar>[] | undefined;
};

/** Cell of the matrix: the values of `${…}`, and their names in the case's id. */
export type Cell = {
  values: Record<string, CellValue>;
  names: Record<string, string>;
  /** place in the file of each axis's value */
  paths: Record<string, Path>;
};

/** Most cells of a matrix; more would be a mistake. */
const MAX_CELLS = 1000;
const MAX_AXES = 20;
/** Most exclusions; each wrong one is compared with all values of its axis. */
const MAX_EXCLUSIONS = 200;

/**
 * Lists every combination of the axes except the excluded ones, the last axis varying fastest. Without a matrix: one cell.
 *
 * @example
 * expandMatrix({ matrix: { bytes: [0, 64], ending: ['fin', 'rst'] } }).cells.length; // 4
 */
export function expandMatrix({ matrix = {}, exclude = [] }: Matrix): {
  cells: Cell[];
  issues: Issue[];
} {
  const axes = Object.keys(matrix).length;
  if (axes > MAX_AXES) {
    return {
      cells: [],
      issues: [{ path: ['matrix'], part: 'key', message: `${axes} axes; ${MAX_AXES} is the limit` }],
    };
  }
  const size = Object.values(matrix).reduce((product, values) => product * values.length, 1);
  if (size > MAX_CELLS) {
    const message = `${size} combinations; ${MAX_CELLS} is the limit`;
    return { cells: [], issues: [{ path: ['matrix'], part: 'key', message }] };
  }
  if (exclude.length > MAX_EXCLUSIONS) {
    const message = `${exclude.length} exclusions; ${MAX_EXCLUSIONS} is the limit`;
    return { cells: [], issues: [{ path: ['exclude'], part: 'key', message }] };
  }
  const issues = [...axisIssues(matrix), ...excludeIssues(matrix, exclude)];
  if (issues.length > 0) return { cells: [], issues };
  let cells: Cell[] = [{ values: {}, names: {}, paths: {} }];
  for (const [axis, values] of Object.entries(matrix)) {
    cells = cells.flatMap((cell) =>
      values.map((value, index) => ({
        values: { ...cell.values, [axis]: value },
        names: { ...cell.names, [axis]: cellName(value) },
        paths: { ...cell.paths, [axis]: ['matrix', axis, index] },
      })),
    );
  }
  const kept = cells.filter(({ names }) => !exclude.some((rule) => matches(rule, names)));
  if (kept.length > 0) return { cells: kept, issues };
  return { cells: [], issues: [{ path: ['exclude'], part: 'key', message: 'leaves out every combination' }] };
}

/** Label of a cell, such as `bytes=0,ending=fin`; empty without a matrix. */
export const cellLabel = (names: Record<string, string>): string =>
  Object.entries(names)
    .map(([axis, name]) => `${axis}=${name}`)
    .join(',');

/** Name of a value in a case's id. */
export const cellName = (value: unknown): string => String(isRecord(value) ? value['name'] : value);

const matches = (rule: Record<string, unknown>, names: Record<string, string>): boolean =>
  Object.entries(rule).every(([axis, value]) => names[axis] === String(value));

function axisIssues(matrix: Record<string, CellValue[]>): Issue[] {
  return Object.entries(matrix).flatMap(([axis, values]) => {
    const issues: Issue[] = [];
    if (!/^[A-Za-z_][\w-]*$/.test(axis)) {
      const message = `\`${axis}\` cannot name an axis: letters, digits, - and _ only`;
      issues.push({ path: ['matrix', axis], part: 'key', message });
    }
    const names = values.map(cellName);
    for (const [index, name] of names.entries()) {
      const path = ['matrix', axis, index];
      // ids are typed into shells, split at brackets, commas and equal signs, and printed in every report
      if (!/^[^\s[\],='"`$\p{Cc}\p{Cf}\p{Cs}]{1,100}$/u.test(name)) {
        const message = `${show(name)} cannot name a cell (no spaces, quotes, $ or [ ] , =); write { name: …, … }`;
        issues.push({ path, message });
      } else if (names.indexOf(name) < index) {
        issues.push({ path, message: `${nameOf(['matrix', axis])} has \`${name}\` twice` });
      }
    }
    return issues;
  });
}

function excludeIssues(matrix: Record<string, CellValue[]>, exclude: Record<string, unknown>[]): Issue[] {
  return exclude.flatMap((rule, index) =>
    Object.entries(rule).flatMap(([axis, value]): Issue[] => {
      const path = ['exclude', index, axis];
      const values = Object.hasOwn(matrix, axis) ? matrix[axis] : undefined;
      if (values === undefined) {
        return [
          { path, part: 'key', message: `no axis \`${axis}\`${suggestion(axis, Object.keys(matrix))}` },
        ];
      }
      const names = values.map(cellName);
      if (names.includes(String(value))) return [];
      return [
        { path, message: `\`${axis}\` is never \`${String(value)}\`${suggestion(String(value), names)}` },
      ];
    }),
  );
}
