import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';

import { workflowCommand } from './workflow-command.ts';

/** Reads a line as the runner does: `::name key=value,key=value::message`, then unescapes. */
function read(line: string): { properties: Map<string, string>; message: string } {
  const [, properties = '', message = ''] =
    /^::(?:error|warning|notice)(?: ([^\n]*?))?::([^\n\r]*)$/.exec(line) ?? [];
  const unescape = (text: string): string =>
    text
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  const pairs = properties.split(',').map((pair): [string, string] => {
    const [name = '', ...rest] = pair.split('=');
    return [name, unescape(rest.join('='))];
  });
  return { properties: new Map(pairs), message: unescape(message) };
}

test('line ends and separators are escaped', () => {
  expect(workflowCommand('error', { file: 'a,b:c.ts', line: 3, title: '50%' }, '1%\n::error::2')).toBe(
    '::error file=a%2Cb%3Ac.ts,line=3,title=50%25::1%25%0A: :error::2',
  );
  expect(workflowCommand('notice', {}, 'x')).toBe('::notice::x');
});

test('a runner reads every text back, and no text makes a second command or property', () => {
  assert(
    property(string({ unit: 'binary' }), string({ unit: 'binary' }), (file, message) => {
      const line = workflowCommand('warning', { file, line: 1 }, message);
      expect(line).not.toMatch(/[\r\n]/);
      const { properties } = read(line);
      expect([...properties.keys()]).toEqual(['file', 'line']);
      expect(properties.get('line')).toBe('1');
    }),
    { numRuns: 50 },
  );
  expect(read(workflowCommand('error', { title: 'a:b,c' }, 'd\ne::f')).message).toBe('d\ne::f');
  expect(read(workflowCommand('error', { title: 'a:b,c' }, 'd')).properties.get('title')).toBe('a:b,c');
});
