import { dropUndefined } from '../../../shared/drop-undefined.ts';
import { type Cell, expandMatrix } from './matrix.ts';
import { type Problem, problemAt, problemOf, problemsOf } from '../../../shared/yaml-file/problem.ts';
import { matrixSchema } from '../schema/scenario-schema.ts';
import type { Kind } from '../suite.ts';
import { checkSchema, isRecord } from '../../../shared/yaml-file/schema-issues.ts';
import { parseYaml, type YamlSource } from '../../../shared/yaml-file/yaml-source.ts';

/** Scenario file whose YAML and matrix are sound; the rest is checked for each cell when it is planned. */
export type Scenario = {
  /** path below the suite and the folder of its kind, without `.yaml` */
  name: string;
  kind: Kind;
  source: YamlSource;
  /** content without `matrix` and `exclude`, `${…}` as written */
  body: Record<string, unknown>;
  cells: Cell[];
};

/**
 * Parses a scenario. Never throws: without a `scenario` there are `problems`.
 *
 * @example
 * parseScenario('faults/x', 'scenarios/faults/x.yaml', 'about: …\nclient: [open]');
 */
export function parseScenario(
  name: string,
  file: string,
  text: string,
  kind: Kind = 'own',
): { scenario?: Scenario; problems: Problem[] } {
  const source = parseYaml(file, text);
  if (source.errors.length > 0) {
    return { problems: source.errors.map(({ message, span }) => problemAt(source, span, message)) };
  }
  if (!isRecord(source.value)) {
    const message =
      text.trim() === '' ? 'the file is empty' : 'the file must be a map, beginning with `about: …`';
    return { problems: [problemOf(source, { path: [], message })] };
  }
  const other = otherThan(source.value);
  if (other !== undefined) return { problems: [problemOf(source, { path: [], message: other })] };
  const { matrix, exclude, ...body } = source.value;
  const checked = checkSchema(matrixSchema, dropUndefined({ matrix, exclude }));
  if (!checked.ok) return { problems: problemsOf(source, checked.issues) };
  const { cells, issues } = expandMatrix(checked.value);
  if (issues.length > 0) return { problems: problemsOf(source, issues) };
  return { scenario: { name, kind, source, body, cells }, problems: [] };
}

/** Reason why a map is no scenario but another of the files that lastfin reads; undefined: it may be one. */
function otherThan(map: Readonly<Record<string, unknown>>): string | undefined {
  if ('client' in map || 'clients' in map) return undefined;
  if ('routes' in map || 'command' in map || 'attach' in map)
    return 'the file describes a target, not a scenario: name it as `--target FILE`';
  if ('patch' in map) return 'the file describes a mutant, not a scenario: `npx lastfin mutants` runs it';
  if ('listeners' in map)
    return 'the file is a configuration of the proxy: `npx lastfin-proxy --config FILE`';
  return undefined;
}
