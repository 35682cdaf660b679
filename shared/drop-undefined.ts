/** A type whose keys that may be undefined are absent instead. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Copies an object without the keys whose value is `undefined`: in JSON they are not there, and a comparison takes them for a
 * difference.
 *
 * @example
 * dropUndefined({ host: 'a', port: undefined }); // { host: 'a' }
 */
export function dropUndefined<T extends object>(map: T): Defined<T> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as Defined<T>;
}
