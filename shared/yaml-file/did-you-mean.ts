import { distance } from '../vendor/fastest-levenshtein.ts';

/** `half_close` and `Half-Close` are the same word written in another habit. */
const plain = (word: string): string =>
  word
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/[_\s]/g, '-')
    .toLowerCase();

/** Two letters that changed places are one slip of the fingers, not two. */
const difference = (a: string, b: string): number =>
  a.length === b.length && letters(a) === letters(b) ? Math.min(1, distance(a, b)) : distance(a, b);

const letters = (word: string): string => word.split('').toSorted().join('');

/** A longer word is no slip of the fingers, and to compare two words takes the product of their lengths. */
const LONGEST = 200;
/** Known words that one is compared with. */
const MOST_COMPARED = 1_000;
/** Known words that are listed. */
const MOST_LISTED = 50;

/**
 * The known word that `word` was probably meant to be; `undefined` when none is near enough to be worth saying.
 *
 * @example
 * closest('sned', ['open', 'send']); // 'send'
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const limit = Math.max(1, Math.floor(word.length * 0.4));
  let best: { candidate: string; off: number } | undefined;
  for (const candidate of known.slice(0, MOST_COMPARED)) {
    if (candidate.length > LONGEST) continue;
    const off = difference(plain(word), plain(candidate));
    if (off <= limit && (best === undefined || off < best.off)) best = { candidate, off };
  }
  return best?.candidate;
}

/**
 * The end of a message about an unknown word: the word that was meant, or all there are.
 *
 * @example
 * `unknown step \`sned\`${suggestion('sned', ['open', 'send'])}`; // …; did you mean `send`?
 */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = closest(word, known);
  if (meant !== undefined) return `; did you mean \`${meant}\`?`;
  if (known.length === 0) return '; there are none';
  const more = known.length > MOST_LISTED ? ', …' : '';
  return `; known: ${known.slice(0, MOST_LISTED).join(', ')}${more}`;
}
