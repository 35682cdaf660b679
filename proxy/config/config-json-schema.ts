import * as z from '../../shared/vendor/zod.ts';
import { configSchema } from './config-schema.ts';

/**
 * JSON Schema of a config file as written, for editors: `# yaml-language-server: $schema=…` completes and checks.
 * It covers the form only; `--check` also finds a port used twice or a missing certificate.
 *
 * @example
 * JSON.stringify(configJsonSchema(), null, 2);
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { $id: 'urn:lastfin:schema:proxy-config:1', ...schema, title: 'lastfin-proxy config' };
}
