/** Facts of a target file that scenarios are checked against. */
type TargetFacts = {
  routes: readonly string[];
  /** proxies in a row: how many ends of each kind a connection has */
  hops: number;
  /** names of the settings that the route has */
  settings: (route: string) => readonly string[];
  /** `false`: bytes do not pass as they are */
  transparent?: boolean | undefined;
  /** whether it can be told to read its config file again */
  reloads: boolean;
  /** says what the setting must be where `value` is not; undefined where it is */
  refuse: (setting: string, value: string | number | boolean) => string | undefined;
};

/** Finds a target by the name or path that a scenario gives; `known` are the names there are. */
export type TargetLookup = (nameOrPath: string) => TargetFacts | { known: readonly string[] };
