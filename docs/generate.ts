import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingGuideSource } from './finding-guide.ts';
import { importOverrides, importRulesPage, type Override } from './import-rules.ts';
import { neverReportedPage } from './never-reported.ts';
import { proofPage } from './proof.ts';
import { limitsPage, limitsType } from './proxy-limits.ts';
import { gateJsonSchema } from '../harness/gate/gate-file.ts';
import { ERROR_CODES } from '../shared/errors/codes.ts';
import { PACKAGE_ROOT } from '../shared/package-root.ts';
import { scenarioJsonSchema } from '../harness/scenario/schema/scenario-json-schema.ts';
import { targetJsonSchema } from '../harness/targets/file/target-json-schema.ts';
import { configJsonSchema } from '../proxy/config/config-json-schema.ts';
import { reportJsonSchema } from '../harness/report/schema.ts';

/** Pages that follow from the code; `--check` fails where one is not up to date. */
const PAGES: Record<string, () => string> = {
  'generated/errors.md': errorsPage,
  'generated/import-rules.md': importRulesPage,
  'generated/never-reported.md': neverReportedPage,
  '../.oxlintrc.json': linterConfiguration,
  '../proxy/limits/limits.ts': limitsType,
  'generated/proof.md': proofPage,
  'generated/proxy-limits.md': limitsPage,
  '../harness/report/guide/finding-guide.ts': () =>
    findingGuideSource(readFileSync(path.join(PACKAGE_ROOT, 'docs/findings.md'), 'utf8')),
  'generated/gate.schema.json': () => `${JSON.stringify(gateJsonSchema(), null, 2)}\n`,
  'generated/proxy-config.schema.json': () => `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'generated/report.schema.json': () => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
  'generated/scenario.schema.json': () => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`,
  'generated/target.schema.json': () => `${JSON.stringify(targetJsonSchema(), null, 2)}\n`,
};

const check = process.argv.includes('--check');
for (const [name, make] of Object.entries(PAGES)) {
  const file = path.join(PACKAGE_ROOT, 'docs', name);
  const text = make();
  if (!check) writeFileSync(file, text);
  else if (read(file) !== text) {
    process.stderr.write(`${path.posix.join('docs', name)} is not up to date: run \`npm run docs\`\n`);
    process.exitCode = 1;
  }
}

function errorsPage(): string {
  const sections = Object.entries(ERROR_CODES).map(
    ([code, { means, fix }]) => `## ${code}\n\n${means}\n\n${fix}\n`,
  );
  const head =
    '# Errors\n\nEvery error of lastfin has one of these codes. Generated from `shared/errors/codes.ts`: do not edit.\n';
  return [head, ...sections].join('\n');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The linter's configuration with the rules for imports made anew; the rest of it is kept. */
function linterConfiguration(): string {
  const file = path.join(PACKAGE_ROOT, '.oxlintrc.json');
  const configuration = JSON.parse(readFileSync(file, 'utf8')) as { overrides: Override[] };
  const others = configuration.overrides.filter(({ rules }) => !('eslint/no-restricted-imports' in rules));
  return `${JSON.stringify({ ...configuration, overrides: [...importOverrides(), ...others] }, null, 2)}\n`;
}
