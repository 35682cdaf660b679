import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { dropUndefined } from '../../shared/drop-undefined.ts';
import type { Issue } from '../../shared/yaml-file/problem.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import type { ListenerSettings, RouteSettings, UpstreamTls } from '../settings.ts';

/** Replaces the file names by their PEM texts, and reports files that are no PEM or do not belong together. */
export function readCertificates(
  listeners: readonly ListenerSettings[],
  folder: string,
): { listeners: ListenerSettings[]; issues: Issue[] } {
  const issues: Issue[] = [];
  const readRoute = (route: RouteSettings, at: Issue['path']): RouteSettings => {
    if (route.mode !== 'tls-terminate') return route;
    const read = (keys: readonly string[], file: string): string => {
      try {
        return readTextFile(path.resolve(folder, file));
      } catch (error) {
        issues.push({ path: [...at, ...keys], message: `cannot be read: ${messageOf(error)}` });
        return '';
      }
    };
    const before = issues.length;
    const { upstreamTls, clientCa } = route;
    const pair = {
      certificate: read(['certificate'], route.certificate),
      key: read(['key'], route.key),
      ...(clientCa === undefined ? {} : { clientCa: read(['clientCa'], clientCa) }),
      ...(upstreamTls === undefined ? {} : { upstreamTls: readUpstreamTls(upstreamTls, read) }),
    };
    if (issues.length > before) return route;
    try {
      createSecureContext({ cert: pair.certificate, key: pair.key });
    } catch (error) {
      const message = `is not a certificate with its key, both as PEM: ${messageOf(error)}`;
      issues.push({ path: [...at, 'certificate'], message });
    }
    const shown = pair.upstreamTls;
    if ((shown?.certificate === undefined) !== (shown?.key === undefined))
      issues.push({ path: [...at, 'upstreamTls'], message: 'needs `certificate` and `key`, or neither' });
    const parts: { keys: string[]; parse: () => unknown }[] = [
      // Node.js passes over authorities that it cannot read
      { keys: ['clientCa'], parse: () => pair.clientCa && new X509Certificate(pair.clientCa) },
      { keys: ['upstreamTls', 'ca'], parse: () => shown?.ca && new X509Certificate(shown.ca) },
      {
        keys: ['upstreamTls', 'certificate'],
        parse: () => shown?.key && createSecureContext({ cert: shown.certificate, key: shown.key }),
      },
    ];
    for (const { keys, parse } of parts) {
      try {
        parse();
      } catch (error) {
        issues.push({ path: [...at, ...keys], message: `is no good PEM: ${messageOf(error)}` });
      }
    }
    return { ...route, ...pair };
  };
  const read = listeners.map((listener, index) => ({
    ...listener,
    routes: listener.routes.map((route, at) => readRoute(route, ['listeners', index, 'routes', at])),
  }));
  return { listeners: read, issues };
}

/** Reads the files of a route's TLS to its upstreams. */
function readUpstreamTls(
  { serverName, ...files }: UpstreamTls,
  read: (keys: readonly string[], file: string) => string,
): UpstreamTls {
  const texts = Object.entries(dropUndefined(files)).map(([key, file]) => [
    key,
    read(['upstreamTls', key], file),
  ]);
  return { ...Object.fromEntries(texts), ...(serverName === undefined ? {} : { serverName }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
