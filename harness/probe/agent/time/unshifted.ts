/**
 * Things with a clock of their own that does not advance: reported, so that nobody takes them for tested.
 */
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import tls from 'node:tls';
import type { Census } from '../census/census.ts';
import { behind } from '../base/behind.ts';
import { className } from '../base/listeners.ts';
import { isOpen, portOf } from '../census/live-sockets.ts';

/** Active resources whose timeouts are native. */
const NATIVE: Readonly<Record<string, string>> = {
  GetAddrInfoReqWrap: 'pending DNS look-ups',
  GetNameInfoReqWrap: 'pending DNS look-ups',
  QueryReqWrap: 'pending DNS queries',
  StatWatcher: 'fs.watchFile',
};

/** Phrases for unshifted things, without repetitions. */
export function nameUnshifted(census: Census): string[] {
  const named = new Set<string>();
  for (const server of census.servers) for (const name of ofServer(server)) named.add(name);
  const probed = census.sockets.filter((socket) => isOpen(socket) && hasKeepAlive(socket)).length;
  if (probed > 0) named.add(`TCP keep-alive of ${probed} sockets (the kernel's clock)`);
  for (const type of process.getActiveResourcesInfo()) {
    const name = NATIVE[type];
    if (name) named.add(`${name} (native clock)`);
  }
  return [...named];
}

function* ofServer(server: net.Server): Generator<string> {
  if (!server.listening) return;
  const which = `${className(server)}${portOf(server)}`;
  if (server instanceof http.Server || server instanceof https.Server) {
    const { headersTimeout, requestTimeout } = server as http.Server;
    if (headersTimeout > 0 || requestTimeout > 0) {
      yield `headersTimeout and requestTimeout of ${which} (a native clock)`;
    }
  }
  if (server instanceof tls.Server)
    yield `lifetime of TLS sessions and tickets of ${which} (OpenSSL's clock)`;
}

function hasKeepAlive(socket: net.Socket): boolean {
  return Boolean(behind(socket, 'kSetKeepAlive'));
}
