/**
 * What belongs to the probe itself and is never counted: its objects (registered here) and its files.
 */
const mine = new WeakSet<object>();
// above this folder where it is compiled by itself, above the agent's where it is bundled
const home = new URL('../', import.meta.url).href;

/** Registers an object of the probe (its socket, its maps) so that no figure counts it. Returns it. */
export function keepOut<T extends object>(object: T): T {
  mine.add(object);
  return object;
}

export function isOwn(object: object): boolean {
  return mine.has(object);
}

/** Is this script URL a file of the probe? */
export function isOwnScript(url: string): boolean {
  return url.startsWith(home);
}

/** Is this script URL code of the target (its own or of a package), not of Node and not of the probe? */
export function isUserScript(url: string): boolean {
  return url !== '' && !url.startsWith('node:') && !url.startsWith('evalmachine.') && !isOwnScript(url);
}
