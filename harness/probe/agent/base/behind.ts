/** Value that Node keeps behind a symbol, found by the symbol's description; undefined if there is none. */
export function behind(object: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
  return key && (object as Record<symbol, unknown>)[key];
}
