import type { JsonValue } from './scan.ts';

/** A value does not fit the Go type it is decoded into, in the words of Go's `encoding/json`. */
export class JsonTypeError extends Error {
  override readonly name = 'JsonTypeError';
}

/** How a value goes into a Go type. Returns what the error calls the value if it does not fit. */
export type Binding = {
  readonly goType: string;
  bind(value: JsonValue, report: (error: JsonTypeError) => void): string | undefined;
};

/** Place of a field, for error texts: `Struct.path.to.field`. */
export type Field = {
  readonly where: string;
  readonly binding: Binding;
};

/**
 * Binds a value as `json.Unmarshal` does: null changes nothing, keys match in any case of letters, unknown keys are ignored,
 * and the first value that does not fit is reported after all others were bound.
 */
export function bindJson(value: JsonValue, binding: Binding): void {
  let first: JsonTypeError | undefined;
  const report = (error: JsonTypeError): void => void (first ??= error);
  if (value.kind !== 'null') {
    const misfit = binding.bind(value, report);
    if (misfit !== undefined) report(misfitError(misfit, `value of type ${binding.goType}`));
  }
  if (first !== undefined) throw first;
}

export function bindString(set: (value: string) => void): Binding {
  return {
    goType: 'string',
    bind: (value) => (value.kind === 'string' ? fits(set, value.value) : value.kind),
  };
}

export function bindBool(set: (value: boolean) => void): Binding {
  return {
    goType: 'bool',
    bind: (value) => (value.kind === 'bool' ? fits(set, value.value) : value.kind),
  };
}

export function bindFloat32(set: (value: number) => void): Binding {
  return {
    goType: 'float32',
    bind(value) {
      if (value.kind !== 'number') return value.kind;
      const number = Math.fround(Number(value.text));
      return Number.isFinite(number) ? fits(set, number) : `number ${value.text}`;
    },
  };
}

export function bindInteger(goType: 'int64' | 'int', set: (value: bigint) => void): Binding {
  return {
    goType,
    bind(value) {
      if (value.kind !== 'number') return value.kind;
      if (!/^-?\d+$/.test(value.text)) return `number ${value.text}`;
      const integer = BigInt(value.text);
      return BigInt.asIntN(64, integer) === integer ? fits(set, integer) : `number ${value.text}`;
    },
  };
}

/** A Go struct; fields by their lower-case key. */
export function bindStruct(goType: string, fields: Readonly<Record<string, Field>>): Binding {
  return {
    goType,
    bind(value, report) {
      if (value.kind !== 'object') return value.kind;
      for (const [key, item] of value.entries) {
        const name = key.toLowerCase();
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (field === undefined || item.kind === 'null') continue;
        const misfit = field.binding.bind(item, report);
        if (misfit === undefined) continue;
        report(misfitError(misfit, `struct field ${field.where} of type ${field.binding.goType}`));
      }
      return undefined;
    },
  };
}

/** A Go slice of structs; `item` is called for every element, null or not, and returns where it goes. */
export function bindArray(itemType: string, item: () => Binding): Binding {
  return {
    goType: `[]${itemType}`,
    bind(value, report) {
      if (value.kind !== 'array') return value.kind;
      for (const element of value.items) {
        const binding = item();
        if (element.kind === 'null') continue;
        const misfit = binding.bind(element, report);
        if (misfit !== undefined) report(misfitError(misfit, `value of type ${itemType}`));
      }
      return undefined;
    },
  };
}

function fits<T>(set: (value: T) => void, value: T): undefined {
  set(value);
  return undefined;
}

function misfitError(misfit: string, where: string): JsonTypeError {
  return new JsonTypeError(`json: cannot unmarshal ${misfit} into Go ${where}`);
}
