import { pairs, summarize } from '../statistics.ts';
import type { Summary } from '../statistics.ts';

/** Measurements of a contender, a value a round. */
export type Samples = Partial<Record<string, number[]>>;

/** How the reference proxy is compared to the bare pipe, round by round; `value` stands by itself. */
type Comparison = 'ratio' | 'difference' | 'value';

export type Figure = {
  title: string;
  unit: string;
  compared: Comparison;
  /** contender that it is compared to, where that is not the bare pipe */
  against?: string;
  /** absent where a figure is only shown */
  aim?: { atLeast: number } | { atMost: number };
  samples: Samples;
};

/** A figure and what came of it. */
export type Judged = Figure & {
  /** absent where there was nothing to compare */
  result?: Summary;
  /** absent where there is no aim or no result; the median decides */
  met?: boolean;
};

const COMPARE = {
  ratio: (a: number, b: number) => a / b,
  difference: (a: number, b: number) => a - b,
} as const;

/** Compares `lastfin` to `bare`, or to what the figure names. */
export function judge(figure: Figure): Judged {
  const { against = 'bare', samples } = figure;
  const { lastfin = [], [against]: other = [] } = samples;
  const values = figure.compared === 'value' ? lastfin : pairs(lastfin, other, COMPARE[figure.compared]);
  if (values.length === 0) return figure;
  const result = summarize(values);
  const { aim } = figure;
  if (aim === undefined) return { ...figure, result };
  const met = 'atLeast' in aim ? result.median >= aim.atLeast : result.median <= aim.atMost;
  return { ...figure, result, met };
}
