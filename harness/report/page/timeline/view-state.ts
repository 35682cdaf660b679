import { signal, type Signal } from '../packages/signals.ts';

/** Visible time and the moment under the pointer, shared by all parts of one timeline. */
export type ViewState = { zoom: Signal<[number, number]>; cursor: Signal<number | undefined> };

export function viewState(zoom: [number, number]): ViewState {
  return { zoom: signal(zoom), cursor: signal<number | undefined>(undefined) };
}

/** Room on the left for names and values, and on the right: the same for lanes and charts, so that their times align. */
export const GUTTER = 112;
export const MARGIN = 30;
