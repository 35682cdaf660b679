import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { folderOfFile } from '../../../shared/testing/folders.ts';
import { fixturePath, markedLine, startFixture } from '../fixtures/start-fixture.ts';
import { PositionMapper } from './map-positions.ts';

const folder = folderOfFile();

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
    expect(await mapper.position(position)).toMatchObject(position);
  }
});

test('the line of a function without a name brings its code', async () => {
  const file = path.join(folder, 'nameless.js');
  await writeFile(file, 'a();\n  setInterval(check, 10); // leak\n');
  const mapper = new PositionMapper();
  const position = { file, line: 2, column: 3 };
  expect(await mapper.position(position)).toEqual({ ...position, code: 'setInterval(check, 10); // leak' });
  expect(await mapper.position({ ...position, name: 'run' })).toEqual({ ...position, name: 'run' });
  expect(await mapper.position({ ...position, line: 9 })).toEqual({ ...position, line: 9 });
  expect(await mapper.position({ file: '/dev/zero', line: 1, column: 1 })).toEqual({
    file: '/dev/zero',
    line: 1,
    column: 1,
  });
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
