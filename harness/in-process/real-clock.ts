/**
 * Node's own clock and timer, saved before a test replaces them by fake ones, which nobody turns while a check waits.
 */
export const realTimeout = globalThis.setTimeout;

/** Time since the start of the process, ms. */
export const realNow: () => number = performance.now.bind(performance);
