import type { Observer, ReportOptions } from '../../probe/observer.ts';
import type { Alive, Ignored, Position, Report, Sample, Suspect } from '../../probe/protocol.ts';
import type { Target } from '../../targets/file/target.ts';
import { matches } from '../../../shared/yaml-file/pattern.ts';

type Rule = Target['ignore'][number];

/** Takes the suspects that a rule of the target file excuses out of each report, and says so in it. */
export class IgnoringObserver implements Observer {
  readonly #beneath: Observer;
  readonly #rules: readonly Rule[];

  constructor(beneath: Observer, rules: readonly Rule[]) {
    this.#beneath = beneath;
    this.#rules = rules;
  }

  get blind(): readonly string[] {
    return this.#beneath.blind;
  }

  get memoryKind(): Observer['memoryKind'] {
    return this.#beneath.memoryKind;
  }

  sample(): Promise<Sample> {
    return this.#beneath.sample();
  }

  baseline(): Promise<void> {
    return this.#beneath.baseline();
  }

  async report(options?: ReportOptions): Promise<Report> {
    return withoutIgnored(await this.#beneath.report(options), this.#rules);
  }

  memory(): Promise<number> {
    return this.#beneath.memory();
  }

  async objects(connections: number): Promise<Report> {
    return withoutIgnored(await this.#beneath.objects(connections), this.#rules);
  }

  arm(options?: { allocations?: boolean }): Promise<void> {
    return this.#beneath.arm(options);
  }

  explain(): Promise<Record<string, Position[]>> {
    return this.#beneath.explain();
  }

  alive(): Promise<{ alive: Alive[]; why?: string }> {
    return this.#beneath.alive();
  }
}

/** Applies the rules to a report: the first one that fits a suspect excuses it, and the suspects held by it. */
export function withoutIgnored(report: Report, rules: readonly Rule[]): Report {
  const suspects: Suspect[] = [];
  const ignored: Ignored[] = [];
  const excused = new Set<string>();
  for (const suspect of report.suspects) {
    const rule = rules.find((one) => fits(one, suspect));
    if (rule === undefined) suspects.push(suspect);
    else {
      const { resource, count } = suspect;
      excused.add(suspect.fingerprint);
      ignored.push({ name: rule.name, reason: rule.reason, resource, count });
    }
  }
  if (ignored.length === 0) return report;
  return { ...report, suspects: suspects.filter(({ heldBy }) => !excused.has(heldBy ?? '')), ignored };
}

function fits({ finding, where, fingerprint }: Rule, suspect: Suspect): boolean {
  return (
    (finding === undefined || finding === suspect.resource) &&
    (where === undefined || suspect.where.some(({ file, line }) => `${file}:${line}`.includes(where))) &&
    (fingerprint === undefined || matches(fingerprint, suspect.fingerprint))
  );
}
