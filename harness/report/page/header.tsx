import type { RunData } from '../html/run-data.ts';
import { filterAddress, filters, go, view, type View } from './state/route.ts';
import { nextTheme, theme } from './state/theme.ts';
import type { JSX } from './packages/preact.ts';

/** Name, views, search and colours. */
export function Header({ data }: { data: RunData }): JSX.Element {
  const { counts, notApplicable } = data.run;
  const notRun = counts.skipped + notApplicable.cases;
  return (
    <header>
      <nav>
        <a class="brand" href="#">
          lastfin
        </a>
        <Tab to="overview" text="Overview" />
        <Tab to="cases" text="Cases" count={data.rows.length} />
        <Tab to="matrix" text="Matrix" />
        <Tab to="not-run" text="Not run" count={notRun} />
      </nav>
      <div class="tools">
        <Search />
        <button type="button" class="quiet" onClick={nextTheme} title="Colours: as the system, light, dark">
          {{ auto: '◐ Auto', light: '○ Light', dark: '● Dark' }[theme.value]}
        </button>
      </div>
    </header>
  );
}

function Tab({ to, text, count }: { to: View; text: string; count?: number }): JSX.Element {
  const current = view.value === to || (to === 'cases' && view.value === 'case');
  return (
    <a class="tab" href={to === 'overview' ? '#' : `#view=${to}`} aria-current={current ? 'page' : undefined}>
      {text}
      {count === undefined ? null : <span class="count">{count.toLocaleString('en')}</span>}
    </a>
  );
}

function Search(): JSX.Element {
  return (
    <input
      id="search"
      type="search"
      placeholder="Search cases, findings, files   /"
      aria-label="Search cases, findings, files"
      value={filters()['q']}
      onInput={({ currentTarget }) => {
        go(filterAddress({ q: currentTarget.value }), { replace: view.value === 'cases' });
      }}
    />
  );
}
