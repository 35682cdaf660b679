import type { Verdict } from '../../judge/verdict.ts';
import { MARKS, type Palette } from './palette.ts';
import { plainLine } from '../plain-text.ts';

/** Folder of a scenario, by which cases are summed up: `faults` of `faults/client-reset`; the scenario itself where it has none. */
export function areaOf(scenario: string): string {
  const end = scenario.lastIndexOf('/');
  return end <= 0 ? scenario : scenario.slice(0, end);
}

/** Verdicts, the most urgent first. */
const WORST: readonly Verdict[] = ['failed', 'error', 'flaky', 'passed', 'skipped'];
const WORDS: Record<Verdict, [one: string, many: string]> = {
  passed: ['passed', 'passed'],
  failed: ['failed', 'failed'],
  flaky: ['flaky', 'flaky'],
  skipped: ['skipped', 'skipped'],
  error: ['error', 'errors'],
};

type Area = { planned: number; counts: Map<Verdict, number>; told: boolean };

/** Cases summed up by folder: a line for each as soon as the last of its cases has ended. */
export class Areas {
  readonly #areas = new Map<string, Area>();
  readonly #paint: Palette;

  /** @param scenarios the scenario of each case that is to be run */
  constructor(scenarios: readonly string[], paint: Palette) {
    this.#paint = paint;
    for (const scenario of scenarios) this.#of(scenario).planned++;
  }

  /** Counts a case; the line of its folder if it was the last. */
  ended({ scenario, verdict }: { scenario: string; verdict: Verdict }): string | undefined {
    const area = this.#of(scenario);
    area.counts.set(verdict, (area.counts.get(verdict) ?? 0) + 1);
    if (area.told || done(area) < area.planned) return undefined;
    return this.#tell(areaOf(scenario), area);
  }

  /** Lines of the folders of which some cases have not run. */
  rest(): string[] {
    return [...this.#areas].flatMap(([name, area]) =>
      area.told || done(area) === 0 ? [] : [this.#tell(name, area)],
    );
  }

  #of(scenario: string): Area {
    const name = areaOf(scenario);
    const area = this.#areas.get(name) ?? { planned: 0, counts: new Map<Verdict, number>(), told: false };
    this.#areas.set(name, area);
    return area;
  }

  #tell(name: string, area: Area): string {
    area.told = true;
    const widest = Math.max(...[...this.#areas.keys()].map((one) => plainLine(one).length));
    const verdicts = WORST.filter((verdict) => area.counts.has(verdict));
    const counts = verdicts
      .toSorted((a, b) => Number(b === 'passed') - Number(a === 'passed'))
      .map((verdict) => {
        const count = area.counts.get(verdict) ?? 0;
        return this.#paint.verdict[verdict](`${count} ${WORDS[verdict][count === 1 ? 0 : 1]}`);
      });
    const left = area.planned - done(area);
    if (left > 0) counts.push(this.#paint.dim(`${left} not run`));
    const worst = verdicts[0] ?? 'skipped';
    const mark = this.#paint.verdict[worst](MARKS[worst]);
    return `${mark} ${plainLine(name).padEnd(widest)}  ${counts.join(', ')}`;
  }
}

function done({ counts }: Area): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
