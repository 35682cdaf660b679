/** For tests: names what makes a text no well-formed XML document, as far as JUnit reports use XML. */
export function xmlProblem(xml: string): string | undefined {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(xml))
    return 'a character that XML does not allow';
  const open: string[] = [];
  let roots = 0;
  const token =
    /<\?xml [^?]*\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g;
  for (const [whole, cdata, closing, name, attributes, empty, text, stray] of xml.matchAll(token)) {
    if (stray !== undefined) return `a stray < before ${JSON.stringify(xml.slice(0, 40))}`;
    if (cdata !== undefined) continue;
    if (text !== undefined || attributes !== undefined) {
      const escaped = text ?? attributes ?? '';
      if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/.test(escaped)) return `a stray & in ${whole}`;
      if (text !== undefined && text.includes(']]>')) return 'the end of a CDATA section in text';
      if (text !== undefined && open.length === 0 && text.trim() !== '') return 'text outside of the root';
    }
    if (name === undefined) continue;
    if (closing === '/') {
      if (open.pop() !== name) return `</${name}> does not close what is open`;
      continue;
    }
    if (open.length === 0) roots++;
    if (empty !== '/') open.push(name);
  }
  if (open.length > 0) return `<${open.at(-1)}> is not closed`;
  return roots === 1 ? undefined : `${roots} roots`;
}
