/** Where in a file something was written; 1-based. */
export type SourcePosition = { file: string; line: number; column: number };
