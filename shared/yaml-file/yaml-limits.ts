/** Limits of a YAML file: beyond them a file is a mistake or an attack, and each keeps reading linear in time and memory. */
export const YAML_LIMITS = {
  /** characters of a file */
  text: 256 * 1024,
  /** lists and maps within each other; the parser recurses over them */
  depth: 64,
  /** keys, values and items, those behind aliases counted wherever they are repeated */
  values: 50_000,
  /** aliases, each of which the parser looks up among all anchors before it */
  aliases: 1_000,
  /** problems of one file that are told */
  problems: 25,
} as const;
