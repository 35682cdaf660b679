import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { isRecord } from '../../../shared/yaml-file/schema-issues.ts';

type Path = Issue['path'];

/** Most steps of a case, with its repeats written out. */
const MOST_STEPS = 10_000;

/** Body with its repeats written out; `origin` maps its paths to paths in the file. */
export type Expanded = { value: unknown; issues: Issue[]; origin: (path: Path) => Path };

/** Step with its place in the script. */
type Written = { step: unknown; at: Path };

/** Writes out each `{ repeat: 3, steps: [...] }` in the scripts of a scenario. */
export function expandRepeats(body: unknown): Expanded {
  const issues: Issue[] = [];
  const budget = { left: MOST_STEPS };
  const scripts = new Map<string, Written[]>();
  const expand = (given: unknown, path: Path): unknown => {
    if (!Array.isArray(given)) return given;
    const written = writtenOut(given, [], (at, message) => issues.push({ path: [...path, ...at], message }));
    budget.left -= written.length;
    if (budget.left < 0 && issues.length === 0)
      issues.push({
        path,
        part: 'key',
        message: `more than ${MOST_STEPS} steps in all, repeats written out`,
      });
    scripts.set(JSON.stringify(path), written);
    return budget.left < 0 ? [] : written.map(({ step }) => step);
  };
  const origin = (path: Path): Path => {
    for (const length of [1, 3]) {
      const at = scripts.get(JSON.stringify(path.slice(0, length)))?.[Number(path[length])]?.at;
      if (at !== undefined) return [...path.slice(0, length), ...at, ...path.slice(length + 1)];
    }
    return path;
  };
  if (!isRecord(body)) return { value: body, issues, origin };
  const value = { ...body };
  for (const key of ['client', 'upstream']) if (key in value) value[key] = expand(value[key], [key]);
  if (Array.isArray(value['clients'])) {
    value['clients'] = value['clients'].map((group: unknown, index) =>
      isRecord(group) && 'script' in group
        ? { ...group, script: expand(group['script'], ['clients', index, 'script']) }
        : group,
    );
  }
  return { value, issues, origin };
}

function writtenOut(
  steps: readonly unknown[],
  base: Path,
  refuse: (at: Path, message: string) => void,
): Written[] {
  let count = 0;
  const limited = (written: Written[], at: Path): Written[] => {
    count += written.length;
    if (count <= MOST_STEPS) return written;
    if (count - written.length <= MOST_STEPS)
      refuse(at, `more than ${MOST_STEPS} steps, repeats written out`);
    return [];
  };
  return steps.flatMap((step: unknown, index): Written[] => {
    const at = [...base, index];
    if (count > MOST_STEPS) return [];
    if (!isRecord(step) || !('repeat' in step)) return limited([{ step, at }], at);
    const { repeat, steps: inner, ...others } = step;
    const isCount = typeof repeat === 'number' && Number.isInteger(repeat) && repeat >= 1;
    const [other] = Object.keys(others);
    if (other !== undefined)
      refuse([...at, other], `\`${other}\` cannot stand beside \`repeat\` and \`steps\``);
    else if (!isCount) refuse([...at, 'repeat'], '`repeat` must be a whole number of at least 1');
    else if (!Array.isArray(inner) || inner.length === 0)
      refuse(at, '`repeat` needs `steps`, a list of what is repeated');
    else {
      const once = writtenOut(inner, [...at, 'steps'], refuse);
      if (once.length * repeat <= MOST_STEPS)
        return limited(Array.from({ length: repeat }, () => once).flat(), at);
      refuse([...at, 'repeat'], `\`repeat\` makes more than ${MOST_STEPS} steps`);
    }
    return [];
  });
}
