// Bundles what starts with every target, in one file each: Node takes a millisecond to find and load a module, and its heap is walked at
// each baseline. Code of lastfin in which findings occur is never bundled: its stacks name files and lines as tsc has written them.
// --watch: again whenever a source changes
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, watch } from 'rolldown';

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
];

function notePackage(id) {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
  if (name !== undefined) packages.add(name);
}

/** Their licences ask for their notices wherever they go. */
function writeNotices() {
  const names = [...packages].toSorted((a, b) => a.localeCompare(b));
  const notices = names.map((name) => {
    const folder = path.join('node_modules', name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled, and has no licence in its folder`);
    return `${name}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync('dist/shared/vendor/NOTICES.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));
}

if (!existsSync('dist')) throw new Error('there is no dist: run npm run build, which compiles first');
// those of what tsc has written
for (const name of vendors) rmSync(`dist/shared/vendor/${name}.js.map`, { force: true });
if (process.argv.includes('--watch')) {
  watch(bundles).on('event', (event) => event.code === 'ERROR' && console.error(event.error));
} else {
  await build(bundles);
  writeNotices();
}
