import path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Issue } from '../../shared/yaml-file/problem.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import type { ListenerSettings, RouteSettings } from '../settings.ts';

/** Replaces the file names by their PEM texts, and reports files that are no PEM or do not belong together. */
export function readCertificates(
  listeners: readonly ListenerSettings[],
  folder: string,
): { listeners: ListenerSettings[]; issues: Issue[] } {
  const issues: Issue[] = [];
  const readRoute = (route: RouteSettings, at: Issue['path']): RouteSettings => {
    if (route.mode !== 'tls-terminate') return route;
    const read = (key: 'certificate' | 'key'): string => {
      try {
        return readTextFile(path.resolve(folder, route[key]));
      } catch (error) {
        issues.push({ path: [...at, key], message: `cannot be read: ${messageOf(error)}` });
        return '';
      }
    };
    const before = issues.length;
    const pair = { certificate: read('certificate'), key: read('key') };
    if (issues.length > before) return route;
    try {
      createSecureContext({ cert: pair.certificate, key: pair.key });
    } catch (error) {
      const message = `is not a certificate with its key, both as PEM: ${messageOf(error)}`;
      issues.push({ path: [...at, 'certificate'], message });
    }
    return { ...route, ...pair };
  };
  const read = listeners.map((listener, index) => ({
    ...listener,
    routes: listener.routes.map((route, at) => readRoute(route, ['listeners', index, 'routes', at])),
  }));
  return { listeners: read, issues };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
