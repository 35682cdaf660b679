import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Finding } from '../../judge/verdict.ts';
import { aFailure, aResult, aRun } from '../testing/sample-run.ts';
import { MOST_SUMMARY } from './github.ts';
import { markdownBlock, markdownCode, markdownText } from './markdown-text.ts';
import { toMarkdown } from './markdown.ts';

describe('Markdown', () => {
  const text = toMarkdown(aRun());

  test('is as stored', async () => {
    await expect(text).toMatchFileSnapshot('testing/sample.markdown.txt');
  });

  test('failures come first, then flaky cases, errors of the lab, skips, and all cases', () => {
    const heads = [...text.matchAll(/^(?:##+ |<details><summary>)([^<\n]*)/gm)].map(([, head = '']) => head);
    const at = (pattern: RegExp): number => heads.findIndex((head) => pattern.test(head));
    const order = [
      /lastfin: 1 case failed/,
      /^1\. crash/,
      /^Flaky/,
      /The lab failed/,
      /1 case skipped/,
      /All cases/,
    ].map(at);
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('a cause has its lines, its number of cases, the fix and the command', () => {
    const failed = { ...aFailure(), rerun: 'npx lastfin run --case x' };
    const [, cause = ''] = toMarkdown(aRun([failed])).split('### 1. ');
    expect(cause).toContain(
      '- Lines: `node_modules/http-proxy/lib/http-proxy/passes/web-incoming.js:154:20 (stream)`',
    );
    expect(cause).toContain('- Fix: Use `stream.pipeline`');
    expect(cause).toContain('```text\nnpx lastfin run --case x\n```');
  });

  test('5,000 failing cases with long ids fit the summary of a step, and what is left out is said', () => {
    const [finding] = aFailure().findings;
    const results = Array.from({ length: 5_000 }, (_, index) =>
      aResult({
        id: `faults/x[n=${index},text=${'é'.repeat(150)}]`,
        verdict: 'failed',
        findings: [{ ...(finding as Finding), fingerprint: `leak ${index % 400}` }],
      }),
    );
    const long = toMarkdown(aRun(results), { most: MOST_SUMMARY });
    expect(Buffer.byteLength(long)).toBeLessThan(MOST_SUMMARY);
    expect(Buffer.byteLength(long)).toBeGreaterThan(MOST_SUMMARY / 2);
    expect(long).toContain('### 1. ');
    expect(long).toMatch(/\d+ (?:causes|cases) are left out for their size: report\.json has them\.$/m);
    expect(long.match(/<details>/g)).toHaveLength(long.match(/<\/details>/g)?.length ?? 0);
  });

  test('a run without any room still says its outcome is left out', () => {
    expect(Buffer.byteLength(toMarkdown(aRun(), { most: 500 }))).toBeLessThanOrEqual(500);
  });
});

describe('texts of others', () => {
  test.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['a | b', String.raw`a \| b`],
    ['1. a', String.raw`1\. a`],
    ['# a', String.raw`\# a`],
    ['[a](javascript:b)', String.raw`\[a\](javascript:b)`],
    ['@everyone', '@\u2060everyone'],
    ['https://evil', 'https:\u2060//evil'],
    ['a\n\n# b', String.raw`a \# b`],
    ['- [ ] a', String.raw`\- \[ \] a`],
  ])('%j is text', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });

  test('nothing leaves a code span, a cell or a block', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(markdownText(text)).not.toMatch(/[\n<>]|(?<!\\)[`|[\]]/);
        const code = markdownCode(text, { table: true });
        expect(code).not.toMatch(/\n|(?<!\\)\|/);
        const [fence = ''] = /^`*/.exec(code) ?? [];
        expect(code.slice(fence.length, code.length - fence.length)).not.toMatch(
          new RegExp(`(?<!\`)${fence === '' ? '\u0000' : fence}(?!\`)`),
        );
        const [first = '', ...rest] = markdownBlock(text).split('\n');
        const [blockFence = ''] = /^`+/.exec(first) ?? [];
        expect(rest.filter((line) => line.trim().startsWith(blockFence))).toEqual([blockFence]);
      }),
      { numRuns: 40 },
    );
  });
});
