import { computed, signal } from '../packages/signals.ts';

export type View = 'overview' | 'cases' | 'matrix' | 'not-run' | 'case';

const VIEWS: readonly View[] = ['overview', 'cases', 'matrix', 'not-run'];

/** Parameters after `#`: `#case=faults/client-reset[phase=idle]&t=284`, `#view=cases&verdict=failed`. */
const parameters = signal(read());

function read(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    const before = place();
    parameters.value = read();
    if (place() !== before) scrollTo(0, 0);
  });
}

const place = (): string => `${view.value} ${caseId.value}`;

/** Id of the open case; empty in the other views. */
export const caseId = computed(() => parameters.value.get('case') ?? '');

export const view = computed((): View => {
  if (caseId.value !== '') return 'case';
  return VIEWS.find((one) => one === parameters.value.get('view')) ?? 'overview';
});

/** Value of a parameter; empty if it is absent. */
export function parameter(name: string): string {
  return parameters.value.get(name) ?? '';
}

/** Address with these parameters and no others; empty ones are left out. */
export function address(changes: Record<string, string>): string {
  const next = new URLSearchParams(Object.entries(changes).filter(([, value]) => value !== ''));
  return `#${next.toString()}`;
}

/** Address of a case; the filters of the list are kept, so that its neighbours are those of the list. */
export function caseAddress(id: string): string {
  return address({ ...filters(), case: id });
}

/** Parameters that filter and sort the list. */
export function filters(): Record<string, string> {
  return Object.fromEntries(
    ['q', 'verdict', 'cause', 'kind', 'area', 'sort'].map((name) => [name, parameter(name)]),
  );
}

/** Goes to an address; `replace`: without an entry in the history, as for each letter of a search. */
export function go(to: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = to;
    return;
  }
  history.replaceState(null, '', to);
  parameters.value = read();
}

/** The list with some filters changed. */
export function filterAddress(changes: Record<string, string>): string {
  return address({ view: 'cases', ...filters(), ...changes });
}
