type Library = typeof import('../dist/index.js', { with: { 'resolution-mode': 'import' } });

/** Registers each case of scenario files as a test, with its own name and time limit. */
export declare const describeScenarios: import('../dist/adapters/jest-core.js', { with: { 'resolution-mode': 'import' } }).DescribeScenarios;
/** Fails if a function leaves something behind in this process. */
export declare const noLeaks: import('../dist/adapters/jest-core.js', { with: { 'resolution-mode': 'import' } }).NoLeaks;
export declare const expectNoLeaks: Library['expectNoLeaks'];
export declare const hunt: Library['hunt'];
