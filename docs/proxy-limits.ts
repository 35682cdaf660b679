import { type Limit, LIMIT_FORMS } from '../proxy/limits/limit-kinds.ts';
import { LIMITS_BY_NAME } from '../proxy/limits/limit-table.ts';
import { flagOf, meaningOf, writtenDefault } from '../proxy/limits/limit-text.ts';

/** Source of the type `Limits`, whose JSDoc an editor shows. */
export function limitsType(): string {
  const members = LIMITS_BY_NAME.map(
    ([name, limit]) => `${documentation(limit)}\n  ${name}: ${LIMIT_FORMS[limit.kind].type};\n`,
  );
  return [
    '// Generated from limit-table.ts by `npm run docs`: do not edit.\n',
    "import type { KeepAliveTreatment } from './limit-kinds.ts';\n",
    '\n/** Limits of a proxy; docs/generated/proxy-limits.md says why each of them is there. */\n',
    `export type Limits = {\n${members.join('')}};\n`,
  ].join('');
}

/** Comment above a member of the type: one line if it fits, else the default in a line of its own. */
function documentation(limit: Limit): string {
  const fallback = 'like' in limit ? `\`${limit.like}\`` : JSON.stringify(limit.fallback);
  const facts = `${LIMIT_FORMS[limit.kind].note}Default: ${fallback}.`;
  const line = `  /** ${meaningOf(limit)} ${facts} */`;
  return line.length <= 110 ? line : `  /**\n   * ${meaningOf(limit)}\n   * ${facts}\n   */`;
}

/** Page of the limits. */
export function limitsPage(): string {
  const head = `# Limits of the reference proxy

Generated from \`proxy/limits/limit-table.ts\`: do not edit. They stand below \`limits\` in a [config file](../proxy.md#config-file); those that
a single route without TLS can have are flags, too. A program passes them to \`TcpProxy\`, with durations in ms.

A duration is \`500ms\`, \`2s\`, \`10m\`, \`1h\`, or a bare number of ms, up to 596h; a number of bytes is \`64\`, \`16KiB\`, \`1MiB\`.

## All defaults

\`\`\`yaml
limits:
${LIMITS_BY_NAME.map(([name, limit]) => defaultLine(name, limit)).join('\n')}
listeners:
  - { listen: 127.0.0.1:9000, routes: [{ mode: tcp, upstreams: ['127.0.0.1:9001'] }] }
\`\`\`
`;
  return [head, ...LIMITS_BY_NAME.map(([name, limit]) => section(name, limit))].join('\n');
}

/** Line of a config file that sets the default; a default that another limit gives is a comment. */
function defaultLine(name: string, limit: Limit): string {
  const written = `${name}: ${writtenDefault(limit)}`;
  return 'like' in limit ? `  # ${written} # ${limit.about}` : `  ${written} # ${limit.about}`;
}

function section(name: string, limit: Limit): string {
  const from = 'like' in limit ? `\`${limit.like}\`` : `\`${writtenDefault(limit)}\``;
  const flag = limit.flag ? `flag \`${flagOf(name)}\`` : 'config file only';
  const facts = `Takes ${LIMIT_FORMS[limit.kind].takes} · default ${from} · ${flag}`;
  return `## \`${name}\`\n\n${meaningOf(limit)} ${limit.reason}\n\n${facts}\n`;
}
