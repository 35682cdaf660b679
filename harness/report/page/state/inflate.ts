/** Unpacks a block of the file: base64, raw deflate, JSON. */
export async function inflate<T>(text: string): Promise<T> {
  const bytes = Uint8Array.from(atob(text), (character) => character.codePointAt(0) ?? 0);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as T;
}
