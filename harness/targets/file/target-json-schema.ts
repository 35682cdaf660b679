import * as z from '../../../shared/vendor/zod.ts';
import { targetSchema } from './target-schema.ts';

/**
 * JSON Schema of a target file as written, for editors: `# yaml-language-server: $schema=…` completes and checks.
 * It covers the form; the meaning (placeholders, a command or `attach`) is checked when the file is loaded.
 *
 * @example
 * JSON.stringify(targetJsonSchema(), null, 2);
 */
export function targetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(targetSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { $id: 'urn:lastfin:schema:target:1', ...schema, title: 'lastfin target' };
}
