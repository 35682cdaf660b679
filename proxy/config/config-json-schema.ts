import * as z from '../../shared/vendor/zod.ts';
import { configSchema } from './config-schema.ts';

/**
 * The JSON Schema of a config file as written, for editors: `# yaml-language-server: $schema=…` completes and checks.
 * It knows the form; what the form cannot tell (a port used twice, a certificate that is not there) `--check` finds.
 *
 * @example
 * JSON.stringify(configJsonSchema(), null, 2);
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { $id: 'urn:lastfin:schema:proxy-config:1', ...schema, title: 'lastfin-proxy config' };
}
