import type { ReportedCase } from './reported-case.ts';

/** Things that the verdict of a case says nothing about, and why. */
export function notSeen({ blind = [], opaque }: Pick<ReportedCase, 'blind' | 'opaque'>): string[] {
  return [...blind, ...(opaque === undefined ? [] : [`whether bytes pass unchanged: ${opaque}`])];
}
