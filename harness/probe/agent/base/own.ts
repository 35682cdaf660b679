/**
 * Objects and files of the probe itself, which are never counted.
 */
const mine = new WeakSet<object>();
// folder above this one if compiled by itself, above the agent's if bundled
const homes = [new URL('../', import.meta.url).href];

/** Registers an object of the probe (its socket, its maps) so that no figure counts it. Returns the object. */
export function keepOut<T extends object>(object: T): T {
  mine.add(object);
  return object;
}

export function isOwn(object: object): boolean {
  return mine.has(object);
}

/** Counts the scripts of a folder as the probe's. @param url ends with a slash */
export function addHome(url: string): void {
  homes.push(url);
}

/** Whether a script URL is a file of the probe. */
export function isOwnScript(url: string): boolean {
  return homes.some((home) => url.startsWith(home));
}

/** Whether a script URL is code of the target (its own or of a package), not of Node and not of the probe. */
export function isUserScript(url: string): boolean {
  return url !== '' && !url.startsWith('node:') && !url.startsWith('evalmachine.') && !isOwnScript(url);
}
