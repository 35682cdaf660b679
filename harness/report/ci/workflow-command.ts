import { plainText } from '../plain-text.ts';

/** Place and title of an annotation. */
export type AnnotationProperties = { file?: string; line?: number; col?: number; title?: string };

/**
 * Line that a runner of GitHub shows as an annotation. Texts of others cannot leave it: line ends and separators are escaped, as
 * `@actions/core` does.
 *
 * @example
 * workflowCommand('error', { file: 'src/a.ts', line: 3 }, 'no'); // '::error file=src/a.ts,line=3::no'
 */
export function workflowCommand(
  level: 'error' | 'warning' | 'notice',
  properties: AnnotationProperties,
  message: string,
): string {
  const parts = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapedProperty(String(value))}`,
  );
  return `::${level}${parts.length === 0 ? '' : ` ${parts.join(',')}`}::${escaped(plainText(message))}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(plainText(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
