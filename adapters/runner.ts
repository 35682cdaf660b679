/** Functions of a test runner that the adapters use. */
export type Runner = {
  describe(name: string, body: () => void): unknown;
  /** registers a test with a time limit, ms; `skip` leaves it without a verdict where the runner can do that */
  it(name: string, body: (test: { skip?: (why: string) => void }) => Promise<void>, timeout: number): unknown;
  afterAll(body: () => Promise<void>): unknown;
};
