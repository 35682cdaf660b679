/** The part of `@babel/code-frame` 7 that lastfin uses; the package ships no types. */
declare module '@babel/code-frame' {
  type Place = { line: number; column: number };
  export function codeFrameColumns(
    text: string,
    location: { start: Place; end?: Place },
    options?: { highlightCode?: boolean; linesAbove?: number; linesBelow?: number },
  ): string;
}
