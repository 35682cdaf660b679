import { expect, test } from 'vitest';

import { withoutRunnerCommands } from './runner-commands.ts';

test.each([
  ['::error::no', ': :error::no'],
  ['  ::set-output name=x::1', '  : :set-output name=x::1'],
  ['a ::add-mask::b', 'a : :add-mask::b'],
  ['a\n::stop-commands::x', 'a\n: :stop-commands::x'],
  ['log: ##[error]no', 'log: ## [error]no'],
  ['::1 and ::ffff:127.0.0.1, std::vector, a::b', '::1 and ::ffff:127.0.0.1, std::vector, a::b'],
])('%j becomes %j', (text, expected) => {
  expect(withoutRunnerCommands(text)).toBe(expected);
});
