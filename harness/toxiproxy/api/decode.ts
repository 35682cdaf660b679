import { badBody } from '../api-error.ts';
import { bindJson, JsonTypeError, type Binding } from '../json/bind.ts';
import { JsonSyntaxError, scanJson, type JsonValue } from '../json/scan.ts';

/** The first JSON value of a body. Throws an `ApiError` (400) in Go's words. */
export function scan(body: Buffer): JsonValue {
  try {
    return scanJson(body);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badBody(error.message);
    throw error;
  }
}

/** Puts a value where the binding says. Throws an `ApiError` (400) in Go's words, after all that fits was put. */
export function bind(value: JsonValue, binding: Binding): void {
  try {
    bindJson(value, binding);
  } catch (error) {
    if (error instanceof JsonTypeError) throw badBody(error.message);
    throw error;
  }
}
