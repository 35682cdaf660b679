export type Token = { text: string; kind?: 'keyword' | 'string' | 'comment' | 'digits' };

const KEYWORDS =
  'async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|finally|for|from|function|if|import|in|instanceof|let|new|null|of|return|static|super|switch|this|throw|true|false|try|typeof|type|undefined|var|void|while|yield';

const TOKEN = new RegExp(
  `(?<comment>\\/\\/.*|\\/\\*.*?(?:\\*\\/|$))|(?<string>'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"|\`(?:[^\`\\\\]|\\\\.)*\`)|\\b(?<keyword>${KEYWORDS})\\b|\\b(?<digits>\\d[\\d_.]*)\\b`,
  'g',
);

/** Parts of a line of JavaScript or TypeScript, for colours only: it knows nothing of the lines before. */
export function tokens(line: string): Token[] {
  const parts: Token[] = [];
  let end = 0;
  for (const match of line.matchAll(TOKEN)) {
    const kind = (['comment', 'string', 'keyword', 'digits'] as const).find(
      (name) => match.groups?.[name] !== undefined,
    );
    if (match.index > end) parts.push({ text: line.slice(end, match.index) });
    parts.push(kind === undefined ? { text: match[0] } : { text: match[0], kind });
    end = match.index + match[0].length;
  }
  if (end < line.length) parts.push({ text: line.slice(end) });
  return parts;
}
