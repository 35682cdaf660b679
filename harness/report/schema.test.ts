import { describe, expect, expectTypeOf, test } from 'vitest';
import type { infer as Infer } from 'zod';

import { toJson } from './files/json.ts';
import type { RunReport } from './run-report.ts';
import { reportJsonSchema, reportSchema } from './schema.ts';
import { aFailure, aRun } from './testing/sample-run.ts';

describe('report.json', () => {
  test('fits its own schema, with every kind of finding, and nothing is lost', () => {
    const read: unknown = JSON.parse(toJson(aRun()));
    const { data, error } = reportSchema.safeParse(read);
    expect(error).toBeUndefined();
    expect(data).toEqual(read);
    expect(new Set(aFailure().findings.map(({ kind }) => kind)).size).toBe(8);
  });

  test('another version does not fit', () => {
    expect(reportSchema.safeParse({ ...aRun(), report: 2 }).success).toBe(false);
  });

  test('the schema says what the type says', () => {
    expectTypeOf<Infer<typeof reportSchema>>().toExtend<RunReport>();
    expectTypeOf<RunReport>().toExtend<Infer<typeof reportSchema>>();
  });
});

describe('JSON schema', () => {
  test('is plain JSON that names every field of a report', () => {
    const schema = reportJsonSchema();
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema).toMatchObject({
      title: 'lastfin report',
      type: 'object',
      properties: { report: { const: 1 } },
    });
    expect(Object.keys(aRun())).toEqual(expect.arrayContaining(schema['required'] as string[]));
  });
});
