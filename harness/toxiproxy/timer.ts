const LONGEST = 2_147_483_647;

/** `setTimeout` for any number of milliseconds, longer than 24.8 days as well. Returns what cancels it. */
export function startTimer(ms: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  let left = ms;
  const arm = (): void => {
    const step = Math.min(left, LONGEST);
    left -= step;
    timer = setTimeout(() => (left > 0 ? arm() : fire()), step);
  };
  arm();
  return () => clearTimeout(timer);
}
