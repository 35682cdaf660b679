/** Colours of the canvases, from the style of the page: they follow light and dark. */
export type Colours = Record<(typeof NAMES)[number], string>;

const NAMES = [
  'text',
  'dim',
  'line',
  'panel',
  'accent',
  'client',
  'target',
  'upstream',
  'failed',
  'flaky',
  'passed',
  'fault-band',
  'quiet',
] as const;

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Colours;
}
