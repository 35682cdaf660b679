/** Limits of a YAML file: beyond them it is a mistake or an attack. They keep reading linear in time and memory. */
export const YAML_LIMITS = {
  /** characters of a file */
  text: 256 * 1024,
  /** depth of nested lists and maps; the parser recurses over them */
  depth: 64,
  /** keys, values and items, counting repetitions by aliases */
  values: 50_000,
  /** aliases, each of which the parser looks up among all anchors before it */
  aliases: 1_000,
  /** reported problems of one file */
  problems: 25,
} as const;
