import { signal } from '../packages/signals.ts';

export type Theme = 'auto' | 'light' | 'dark';
const ORDER: readonly Theme[] = ['auto', 'light', 'dark'];
const KEY = 'lastfin-theme';

/** Chosen colours; `auto` follows the system. */
export const theme = signal<Theme>(stored());

/** Number of changes of the colours that are shown: canvases draw anew. */
export const colours = signal(0);

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'auto';
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // some browsers keep nothing for files
  }
  showTheme();
}

export function showTheme(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
  colours.value++;
}

export function followSystem(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    colours.value++;
  });
}

/** Prints in light colours, canvases too. */
export function printLight(): void {
  addEventListener('beforeprint', () => {
    document.documentElement.dataset['theme'] = 'light';
    colours.value++;
  });
  addEventListener('afterprint', showTheme);
}

function stored(): Theme {
  try {
    return ORDER.find((one) => one === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}
