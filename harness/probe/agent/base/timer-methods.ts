/**
 * Node's prototypes and methods of timers, saved before the program can replace them. Call the methods with Reflect.apply.
 */
const timer = setTimeout(() => undefined, 1e6);
clearTimeout(timer);
const immediate = setImmediate(() => undefined);
clearImmediate(immediate);

export const timerPrototype = Object.getPrototypeOf(timer) as NodeJS.Timeout;
export const immediatePrototype = Object.getPrototypeOf(immediate) as object;
// oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
export const { hasRef, refresh, unref } = timerPrototype;
