import type { Verdict } from '../../../judge/verdict.ts';
import type { RunData } from '../../html/run-data.ts';
import { MARKS } from '../parts/verdict.tsx';
import { filterAddress, filters, go } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';
import { areaOf } from './areas.ts';

const VERDICTS: readonly Verdict[] = ['failed', 'error', 'flaky', 'passed', 'skipped'];
const SORTS = [
  ['', 'worst first'],
  ['id', 'by name'],
  ['drain', 'longest drain'],
  ['took', 'longest time'],
] as const;

/** Filters of the list; each is part of the address. */
export function FilterBar({ data }: { data: RunData }): JSX.Element {
  const chosen = filters();
  const verdicts = (chosen['verdict'] ?? '').split(',').filter(Boolean);
  const toggled = (verdict: Verdict): string =>
    (verdicts.includes(verdict) ? verdicts.filter((one) => one !== verdict) : [...verdicts, verdict]).join(
      ',',
    );
  const kinds = [...new Set(data.rows.flatMap((row) => row.kinds))].toSorted();
  const areas = [...new Set(data.rows.map(({ scenario }) => areaOf(scenario)))].toSorted();
  const active = Object.entries(chosen).some(([name, value]) => name !== 'sort' && value !== '');
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label="Verdicts">
        {VERDICTS.map((verdict) => (
          <a
            key={verdict}
            class="chip"
            href={filterAddress({ verdict: toggled(verdict) })}
            aria-pressed={verdicts.includes(verdict)}
            role="button"
          >
            <span class={`mark ${verdict}`} aria-hidden="true">
              {MARKS[verdict]}
            </span>
            {verdict} <span class="count">{data.run.counts[verdict]}</span>
          </a>
        ))}
      </div>
      <Choice name="kind" label="Kind of finding" all="any finding" values={kinds} />
      <Choice name="area" label="Area" all="every area" values={areas} />
      <label class="choice">
        <select
          aria-label="Sort"
          value={chosen['sort']}
          onChange={({ currentTarget }) => {
            go(filterAddress({ sort: currentTarget.value }));
          }}
        >
          {SORTS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {active ? <a href="#view=cases">Clear filters</a> : null}
    </div>
  );
}

type ChoiceProps = { name: string; label: string; all: string; values: readonly string[] };

function Choice({ name, label, all, values }: ChoiceProps): JSX.Element | null {
  if (values.length === 0) return null;
  return (
    <label class="choice">
      <select
        aria-label={label}
        id={`filter-${name}`}
        value={filters()[name]}
        onChange={({ currentTarget }) => {
          go(filterAddress({ [name]: currentTarget.value }));
        }}
      >
        <option value="">{all}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}
