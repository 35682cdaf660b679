import { CasePage } from './case/case-page.tsx';
import { CasesView } from './cases/cases-view.tsx';
import { Header } from './header.tsx';
import { LiveLine } from './live-line.tsx';
import { MatrixView } from './cases/matrix-view.tsx';
import { NotRunView } from './overview/not-run-view.tsx';
import { Overview } from './overview/overview.tsx';
import { Safe } from './parts/safe.tsx';
import { caseId, view } from './state/route.ts';
import { broken, run } from './state/run.ts';
import type { RunData } from '../html/run-data.ts';
import type { JSX } from './packages/preact.ts';

/** The page: a header, and the view that the address names. */
export function App(): JSX.Element {
  const data = run.value;
  if (broken.value !== undefined) return <p class="notice">This report cannot be read: {broken.value}</p>;
  if (data === undefined) return <p class="notice">…</p>;
  return (
    <>
      <Header data={data} />
      <LiveLine data={data} />
      <main>
        <Safe key={`${view.value} ${caseId.value}`} what="This view">
          <Shown data={data} />
        </Safe>
      </main>
      <footer>
        <kbd>j</kbd> <kbd>k</kbd> next, previous case · <kbd>Enter</kbd> opens · <kbd>/</kbd> searches ·{' '}
        <kbd>Esc</kbd> goes back
      </footer>
    </>
  );
}

function Shown({ data }: { data: RunData }): JSX.Element {
  switch (view.value) {
    case 'case':
      return <CasePage id={caseId.value} data={data} />;
    case 'cases':
      return <CasesView data={data} />;
    case 'matrix':
      return <MatrixView data={data} />;
    case 'not-run':
      return <NotRunView data={data} />;
    case 'overview':
      return <Overview data={data} />;
    default:
      return view.value satisfies never;
  }
}
