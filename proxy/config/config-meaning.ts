import { dropUndefined } from '../../shared/drop-undefined.ts';
import type { Issue } from '../../shared/yaml-file/problem.ts';
import { formatAddress } from '../../shared/address.ts';
import type { CheckedConfig, CheckedListener } from './config-schema.ts';
import { kernelRouteProblem } from '../nftables/kernel-route.ts';
import type { ListenerSettings } from '../settings.ts';

/** Names the listeners and routes of a config: a listener after its address, a route after its first host or its listener. */
export function nameListeners(config: CheckedConfig): ListenerSettings[] {
  return config.listeners.map((listener) => {
    const name = listener.name ?? formatAddress(listener.listen);
    const routes = listener.routes.map((route) => ({
      ...dropUndefined(route),
      name: route.name ?? (route.mode === 'tcp' ? name : route.hosts[0]!),
    }));
    return { ...dropUndefined(listener), name, routes };
  });
}

/** Finds mistakes that no field shows by itself. */
export function checkMeaning(config: CheckedConfig): Issue[] {
  const listeners = nameListeners(config);
  return [
    ...config.listeners.flatMap((listener, index) => [
      ...tcpAlone(listener, index),
      ...hostsOnce(listener, index),
      ...forKernel(listener, index),
    ]),
    ...twice(
      listeners.flatMap(({ listen }, index) =>
        listen.port === 0 ? [] : [{ value: formatAddress(listen), path: ['listeners', index, 'listen'] }],
      ),
      (address) => `another listener has ${address} already`,
    ),
    ...twice(
      config.listeners.flatMap(({ name }, index) =>
        name === undefined ? [] : [{ value: name, path: ['listeners', index, 'name'] }],
      ),
      (name) => `another listener is called \`${name}\` already`,
    ),
    ...twice(
      listeners.flatMap(({ routes }, listener) =>
        routes.map(({ name }, index) => ({
          value: name,
          path: ['listeners', listener, 'routes', index, 'name'],
        })),
      ),
      (name) => `another route is called \`${name}\` already; give this one a \`name\``,
    ),
  ];
}

/** Requires that a `tcp` route is the listener's only one: without a ClientHello there is nothing to choose a route by. */
function tcpAlone({ routes }: CheckedListener, listener: number): Issue[] {
  if (routes.length === 1) return [];
  return routes.flatMap(({ mode }, index) =>
    mode === 'tcp'
      ? [
          {
            path: ['listeners', listener, 'routes', index, 'mode'],
            message: 'a `tcp` route takes every connection, so it must be the only route of its listener',
          },
        ]
      : [],
  );
}

/** Finds settings that the kernel's forwarding does not support. */
function forKernel({ listen, acceptProxyProtocolFrom, routes }: CheckedListener, listener: number): Issue[] {
  return routes.flatMap((route, index) => {
    if (route.mode !== 'tcp' || route.engine !== 'nftables') return [];
    const message = kernelRouteProblem(
      listen.host,
      dropUndefined(route),
      acceptProxyProtocolFrom !== undefined,
    );
    return message === undefined
      ? []
      : [{ path: ['listeners', listener, 'routes', index, 'engine'], message }];
  });
}

function hostsOnce({ routes }: CheckedListener, listener: number): Issue[] {
  const hosts = routes.flatMap((route, index) =>
    route.mode === 'tcp'
      ? []
      : route.hosts.map((value, at) => ({
          value,
          path: ['listeners', listener, 'routes', index, 'hosts', at],
        })),
  );
  return twice(hosts, (host) => `\`${host}\` is a host of this listener already`);
}

function twice(
  values: { value: string; path: Issue['path'] }[],
  message: (value: string) => string,
): Issue[] {
  const seen = new Set<string>();
  return values.flatMap(({ value, path }) => {
    if (seen.has(value)) return [{ path, message: message(value) }];
    seen.add(value);
    return [];
  });
}
