import { signal } from '../packages/signals.ts';
import { listed } from './listed.ts';
import { address, caseAddress, caseId, filters, go, view } from './route.ts';

/** Place of the chosen row in the list; -1 before the first key. */
export const chosen = signal(-1);

/** Keys of the page: j and k to the next and previous case, Enter opens, / searches, Esc goes back. */
export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    if (onKey(event.key)) event.preventDefault();
  });
}

function onKey(key: string): boolean {
  switch (key) {
    case '/':
      document.querySelector<HTMLInputElement>('#search')?.focus();
      return true;
    case 'j':
      return move(1);
    case 'k':
      return move(-1);
    case 'Enter':
      return open();
    case 'Escape':
      return back();
    default:
      return false;
  }
}

function move(by: number): boolean {
  const rows = listed.value;
  if (rows.length === 0) return true;
  const from = view.value === 'case' ? rows.findIndex(({ id }) => id === caseId.value) : chosen.value;
  const to = Math.min(rows.length - 1, Math.max(0, from + by));
  chosen.value = to;
  const row = rows[to];
  if (view.value === 'case' && row !== undefined) go(caseAddress(row.id));
  else if (view.value !== 'cases') go(address({ ...filters(), view: 'cases' }));
  return true;
}

function open(): boolean {
  const row = listed.value[chosen.value];
  if (view.value !== 'cases' || row === undefined) return false;
  go(caseAddress(row.id));
  return true;
}

function back(): boolean {
  if (view.value === 'case') {
    chosen.value = listed.value.findIndex(({ id }) => id === caseId.value);
    go(address({ ...filters(), view: 'cases' }));
  } else if (Object.values(filters()).some((value) => value !== '')) go('#view=cases');
  else go('#');
  return true;
}
