/**
 * The lines of a byte stream, split at `\n` and nowhere else: a watch event may hold U+2028 inside a string. What
 * follows the last `\n` is dropped: it is an event that was cut off, and it comes again when the watch is resumed.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield rest.slice(start, end);
      start = end + 1;
    }
    rest = rest.slice(start);
  }
}
