import { expect, test } from 'vitest';

import { GET_ROOT } from '../scenario/sample-request.ts';
import { whyRefused } from './refused-requests.ts';

test('a server whose only answer is a refusal is told of, unless its target file names another request', () => {
  expect(whyRefused({ ...GET_ROOT }, [404, 404])).toMatch(/`GET \/` by 404/);
  expect(whyRefused({ ...GET_ROOT, path: '/api' }, [404, 404])).toBeUndefined();
  expect(whyRefused('PING\r\n', [undefined])).toBeUndefined();
});

test('other answers are not', () => {
  expect(whyRefused(GET_ROOT, [200])).toBeUndefined();
  expect(whyRefused(GET_ROOT, [404, 200])).toBeUndefined();
  expect(whyRefused(GET_ROOT, [503])).toBeUndefined();
  expect(whyRefused(GET_ROOT, [undefined])).toBeUndefined();
  expect(whyRefused(GET_ROOT, [])).toBeUndefined();
});
