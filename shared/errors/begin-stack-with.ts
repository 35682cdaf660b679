type Place = { file: string; line: number; column: number; name?: string };

/**
 * Puts lines of a program at the top of an error's stack, so that a test runner shows them. Gives the error back.
 *
 * @param below function that frames of the stack begin beneath
 * @example
 * const error = beginStackWith(new Error('left'), [{ file: '/app/pool.js', line: 3, column: 5 }]);
 * error.stack?.includes('at /app/pool.js:3:5'); // true
 */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- captureStackTrace takes any function
export function beginStackWith<E extends Error>(error: E, places: readonly Place[], below?: Function): E {
  if (below !== undefined) Error.captureStackTrace(error, below);
  const frames = places.map(({ file, line, column, name }) => {
    const position = `${file}:${line}:${column}`;
    return `    at ${name === undefined || name === '' ? position : `${name} (${position})`}`;
  });
  const rest = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const stack = [`${error.name}: ${error.message}`, ...frames, ...rest].join('\n');
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
