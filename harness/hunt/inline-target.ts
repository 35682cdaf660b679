/**
 * A target written in the test itself, with the keys of a target file (docs/targets.md). `{{here}}` and relative paths of certificates
 * are those of the working directory.
 */
export type InlineTarget = {
  /** name in reports; default: `target` */
  name?: string;
  /** the program and its arguments, such as `['node', 'my-proxy.js', '{{listen.port}}']` */
  command: readonly (string | number)[];
  /** default: `node` where the program is Node.js, else `program` */
  kind?: 'node' | 'program';
  /** default: `[tcp]` */
  routes?: readonly string[] | Readonly<Record<string, unknown>>;
  environment?: Readonly<Record<string, string>>;
  /** every other key of a target file */
  readonly [key: string]: unknown;
};
