/** Treatments of idle connections; the table says what each does. */
export const KEEP_ALIVE_TREATMENTS = ['off', 'standard', 'extended', 'immortal'] as const;
export type KeepAliveTreatment = (typeof KEEP_ALIVE_TREATMENTS)[number];

/** Type of the value in a program, by the kind of the limit; durations are in ms. */
type Values = {
  /** duration that can be turned off */
  timeout: number;
  /** duration without `off`: without an end to it, a peer that ignores our FIN would be kept for ever */
  grace: number;
  bytes: number;
  count: number;
  /** number of things kept; 0: none */
  pool: number;
  factor: number;
  networks: readonly string[];
  treatment: KeepAliveTreatment;
};

export type LimitKind = keyof Values;
export type ValueOf<Kind extends LimitKind> = Values[Kind];

type About = {
  /** meaning, in one phrase: help text, and beginning of all other texts */
  about: string;
  /** rest of the meaning, for schema, JSDoc and page */
  more?: string;
  /** RFC or cause that the limit is there for */
  reason: string;
  /** whether the command line has a flag for it: what only TLS routes need stands in a config file */
  flag: boolean;
};

/** Value where none is given, or the name of the limit whose value holds then. */
type Fallback<Kind extends LimitKind> = { fallback: ValueOf<Kind> } | { like: string };

type LimitOf<Kind extends LimitKind> = About & Fallback<Kind> & { kind: Kind };

/** A limit of the proxy as flags, schema, JSDoc and page need it. */
export type Limit =
  | LimitOf<Exclude<LimitKind, 'bytes'>>
  | (LimitOf<'bytes'> & {
      /** least number of bytes in a config file */
      least: number;
    });

/** Form of each kind: placeholder of its flag, how a file writes it, its type in a program, and what the JSDoc says of its numbers. */
export const LIMIT_FORMS = {
  timeout: {
    placeholder: 'duration',
    takes: 'a duration, or `off`',
    type: 'number',
    note: 'In ms; 0: no limit. ',
  },
  grace: { placeholder: 'duration', takes: 'a duration', type: 'number', note: 'In ms. ' },
  bytes: { placeholder: 'bytes', takes: 'a number of bytes', type: 'number', note: '' },
  count: { placeholder: 'count', takes: 'a count; 0: no limit', type: 'number', note: '0: no limit. ' },
  pool: { placeholder: 'count', takes: 'a count; 0: none', type: 'number', note: '0: none. ' },
  factor: { placeholder: 'factor', takes: 'a number, 1 or more', type: 'number', note: '1 or more. ' },
  networks: {
    placeholder: 'networks',
    takes: 'a list of addresses and networks',
    type: 'readonly string[]',
    note: '',
  },
  treatment: {
    placeholder: 'treatment',
    takes: KEEP_ALIVE_TREATMENTS.map((one) => `\`${one}\``).join(', '),
    type: 'KeepAliveTreatment',
    note: '',
  },
} as const satisfies Record<LimitKind, { placeholder: string; takes: string; type: string; note: string }>;
