// Bundles what starts with every target, in one file each: Node takes a millisecond to find and load a module, and its heap is walked at
// each baseline. Code of lastfin in which findings occur is never bundled: its stacks name files and lines as tsc has written them.
// --watch: again whenever a source changes
// The page of the report is one file, too: its script, its style and its notices in a template, to which a run's data is added.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, watch } from 'rolldown';

import { prune } from './prune.mjs';

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const vendors = readdirSync('shared/vendor').flatMap((file) =>
  file.endsWith('.d.ts') ? [] : [path.basename(file, '.ts')],
);
/** Names of the packages in the bundles. */
const packages = new Set();

const common = { platform: 'node', logLevel: 'warn', tsconfig: false };
const output = { format: 'esm', entryFileNames: '[name].js' };
const bundles = [
  {
    ...common,
    input: Object.fromEntries(vendors.map((name) => [name, `shared/vendor/${name}.ts`])),
    output: { ...output, dir: 'dist/shared/vendor', chunkFileNames: 'shared-[name].js' },
    plugins: [{ name: 'packages', moduleParsed: ({ id }) => notePackage(id) }],
  },
  {
    ...common,
    input: { preload: 'harness/probe/agent/preload.ts' },
    // in the folder of the agent, by which it knows its own scripts
    output: {
      ...output,
      sourcemap: true,
      dir: 'dist/harness/probe/agent',
      chunkFileNames: 'preload.[name].js',
    },
  },
  {
    ...common,
    // evaluated in a realm of its own, where there are no modules
    input: { 'preload.agent': 'harness/probe/agent/realm-entry.ts' },
    transform: { define: { 'import.meta.url': 'bundleUrl' } },
    output: { format: 'cjs', entryFileNames: '[name].cjs', sourcemap: true, dir: 'dist/harness/probe/agent' },
  },
  {
    ...common,
    // text that the inspector of a running process evaluates
    input: { 'preload.attach': 'harness/probe/agent/attach.ts' },
    output: { format: 'cjs', entryFileNames: '[name].cjs', dir: 'dist/harness/probe/agent' },
  },
  {
    ...common,
    platform: 'browser',
    tsconfig: 'harness/report/page/tsconfig.json',
    input: { report: 'harness/report/page/main.tsx' },
    output: { format: 'iife', minify: true, entryFileNames: '[name].js', dir: 'dist/harness/report/page' },
    plugins: [{ name: 'page', generateBundle: writePage }],
  },
];

function packageOf(id) {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

function notePackage(id) {
  const name = packageOf(id);
  if (name !== undefined) packages.add(name);
}

/** Replaces the script of the page by the page: report.html, with the hashes that its policy allows. */
function writePage(_, bundle) {
  const { code, moduleIds } = bundle['report.js'];
  const script = code.trim();
  const style = ['node_modules/uplot/dist/uPlot.min.css', 'harness/report/page/style.css']
    .map((file) => readFileSync(file, 'utf8').replaceAll(/\s+/g, ' ').trim())
    .join('\n');
  if (/<\/script|<!--/i.test(script)) throw new Error('the script of the page would end its element');
  const hash = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const parts = {
    script,
    style,
    'script-hash': hash(script),
    'style-hash': hash(style),
    notices: notices(new Set(moduleIds.map(packageOf).filter((name) => name !== undefined))),
  };
  const template = readFileSync('harness/report/page/page.html', 'utf8');
  const source = template.replaceAll(/\s*(?:__|\/\*)([a-z-]+)(?:__|\*\/)\s*/g, (_all, name) => parts[name]);
  delete bundle['report.js'];
  this.emitFile({ type: 'asset', fileName: 'report.html', source });
}

/** Licences of packages, one after another: they ask for their notices wherever they go. */
function notices(names) {
  const texts = [...names]
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => {
      const folder = path.join('node_modules', name);
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} is bundled, and has no licence in its folder`);
      return `${name}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
    });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (!existsSync('dist')) throw new Error('there is no dist: run npm run build, which compiles first');
// tsc writes them as files that cannot be run
for (const file of Object.values(bin)) chmodSync(file, 0o755);
// source maps that tsc has written
for (const name of vendors) rmSync(`dist/shared/vendor/${name}.js.map`, { force: true });
if (process.argv.includes('--watch')) {
  watch(bundles).on('event', (event) => event.code === 'ERROR' && console.error(event.error));
} else {
  const built = await build(bundles);
  const written = built.flatMap((result, index) =>
    result.output.map(({ fileName }) =>
      path.relative('dist', path.join(bundles[index].output.dir, fileName)),
    ),
  );
  prune('dist', '.', new Set(written));
  writeFileSync('dist/shared/vendor/NOTICES.txt', notices(packages));
}
