/** What a fuzzer has found. */
export type FuzzResult = {
  seed: number;
  /** inputs that were tried */
  tried: number;
  /** one line each, with what makes it again */
  findings: string[];
};
