import { distance } from '../vendor/fastest-levenshtein.ts';

/** Normalizes a word: `half_close` and `Half-Close` are the same word in different styles. */
const plain = (word: string): string =>
  word
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/[_\s]/g, '-')
    .toLowerCase();

/** Number of edits between two words; two swapped letters count as one. */
const difference = (a: string, b: string): number =>
  a.length === b.length && letters(a) === letters(b) ? Math.min(1, distance(a, b)) : distance(a, b);

const letters = (word: string): string => word.split('').toSorted().join('');

/** Longest word that is compared: the cost is the product of the lengths, and a longer word is no typing mistake. */
const LONGEST = 200;
/** Most known words that are compared. */
const MOST_COMPARED = 1_000;
/** Most known words that are listed. */
const MOST_LISTED = 50;

/**
 * Finds the known word that `word` was probably meant to be; `undefined` if none is similar enough.
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
 * Ends a message about an unknown word: with the word that was meant, or all known ones.
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
