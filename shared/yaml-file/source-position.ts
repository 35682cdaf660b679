/** Position in a file; 1-based. */
export type SourcePosition = { file: string; line: number; column: number };
