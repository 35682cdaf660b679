import { expect, test } from 'vitest';

import { findTargetFile } from './find-target-file.ts';

test.each([
  ['a name that is too long for the system', 'x'.repeat(5_000)],
  ['a path that is too long for the system', `./${'x'.repeat(5_000)}.yaml`],
  ['a path with many steps', `${'../'.repeat(3_000)}x.yaml`],
  ['a path with NUL in it', 'a\0b/c.yaml'],
  ['a path below a file', 'package.json/x.yaml'],
])('%s leads to no target file', (_, name) => {
  expect(findTargetFile(name, ['scenarios'])).toMatchObject({
    problem: expect.stringMatching(/target/) as string,
  });
});
