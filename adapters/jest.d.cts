import type { hunt as Hunt, expectNoLeaks as Expect } from '../dist/index.js' with {
  'resolution-mode': 'import',
};
import type { DescribeScenarios, NoLeaks } from '../dist/adapters/jest-core.js' with {
  'resolution-mode': 'import',
};

/** Registers each case of scenario files as a test, with its own name and time limit. */
export declare const describeScenarios: DescribeScenarios;
/** Fails if a function leaves something behind in this process. */
export declare const noLeaks: NoLeaks;
/** Throws unless every case of a run passed. */
export declare const expectNoLeaks: typeof Expect;
/** Runs scenarios against a target, as `npx lastfin run` does. */
export declare const hunt: typeof Hunt;
