/** Input of a fuzzer: the same seed makes the same inputs; `log` is told of each finding, and how far it is. */
export type FuzzOptions = { seed: number; seconds: number; log: (line: string) => void };

/** Findings of a fuzzer. */
export type FuzzResult = {
  seed: number;
  /** inputs that were tried */
  tried: number;
  /** findings, a line each, with the seed or file that makes it again */
  findings: string[];
};
