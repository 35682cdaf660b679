import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixturePath, markedLine, startFixture } from '../fixtures/start-fixture.ts';
import { PositionMapper } from './map-positions.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lf-map-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// maps generated line 1 column 0 to source line 3 column 2
const map = { version: 3, sources: ['../src/app.ts'], names: [], mappings: 'AAEE' };

test('maps through a map file, relative to it', async () => {
  await writeFile(path.join(folder, 'app.js'), 'run();\n//# sourceMappingURL=app.js.map\n');
  await writeFile(path.join(folder, 'app.js.map'), JSON.stringify(map));
  const mapped = await new PositionMapper().position({
    file: path.join(folder, 'app.js'),
    line: 1,
    column: 1,
    name: 'run',
  });
  expect(mapped).toEqual({ file: path.join(folder, '../src/app.ts'), line: 3, column: 3, name: 'run' });
});

test('maps through an inline map', async () => {
  const data = Buffer.from(JSON.stringify(map)).toString('base64');
  const file = path.join(folder, 'inline.js');
  await writeFile(file, `run();\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${data}\n`);
  expect(await new PositionMapper().position({ file, line: 1, column: 3 })).toMatchObject({
    file: path.join(folder, '../src/app.ts'),
    line: 3,
  });
});

test('leaves alone what has no map, a broken map, or is no file', async () => {
  await writeFile(path.join(folder, 'plain.js'), 'run();\n');
  await writeFile(path.join(folder, 'broken.js'), 'run();\n//# sourceMappingURL=nowhere.map\n');
  const mapper = new PositionMapper();
  for (const file of [
    path.join(folder, 'plain.js'),
    path.join(folder, 'broken.js'),
    path.join(folder, 'none.js'),
    'node:net',
  ]) {
    const position = { file, line: 1, column: 1 };
    expect(await mapper.position(position)).toEqual(position);
  }
});

test('maps a file that was compiled in memory only, through the map that the program has', async () => {
  const { probe, visit, stop } = await startFixture('compiled-in-memory.mjs');
  try {
    await probe.baseline();
    await visit(2);
    const { suspects } = await probe.report();
    const file = 'program.source';
    const timer = suspects.find(({ resource }) => resource === 'timer');
    expect(timer?.where).toMatchObject([{ file: fixturePath(file), line: markedLine(file, 'interval') }]);
  } finally {
    await stop();
  }
});
