/**
 * Defuses commands that a GitHub runner would obey: it reads `::error …::` at the start of a line, indented or not, and `##[error]`
 * anywhere in it, whoever printed them. A space turns them into text. Source: ActionCommand.cs of actions/runner.
 *
 * @example
 * withoutRunnerCommands('::set-output name=x::1'); // ': :set-output name=x::1'
 */
export function withoutRunnerCommands(text: string): string {
  // after any blank, not only at the start: a long line is wrapped
  return text.replaceAll(/(^|\s)::(?=[a-z][\w-]*(?:::|\s))/gim, '$1: :').replaceAll('##[', '## [');
}
