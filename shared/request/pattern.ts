import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Whether a pattern of RE2 takes the whole of a text, as Envoy has it: byte by byte, in the encoding UTF-8. */
export function takesWhole(pattern: string, text: string): boolean {
  return compiled(pattern)?.matcher(bytesOf(text)).matches() ?? false;
}

/**
 * Each part of a text that the pattern takes, the leftmost first, replaced; `\1` in the substitution is its first group,
 * `\0` all of it. A text that the pattern takes nothing of stays as it is.
 */
export function replacedAll(pattern: string, substitution: string, text: string): string {
  const matcher = compiled(pattern)?.matcher(text);
  if (!matcher) return text;
  let result = '';
  let done = 0;
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    // Nothing, right behind what was taken before.
    if (start === end && start === done && done > 0) continue;
    result += text.slice(done, start) + substitution.replace(/\\([0-9\\])/g, (_, sign: string) => group(matcher, sign));
    done = end;
  }
  return result + text.slice(done);
}

function group(matcher: ReturnType<RE2JS['matcher']>, sign: string): string {
  if (sign === '\\') return sign;
  return Number(sign) <= matcher.groupCount() ? (matcher.group(Number(sign)) ?? '') : '';
}

/** Undefined = what somebody else wrote, and no Envoy takes. */
function compiled(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(bytesOf(pattern));
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return undefined;
    throw error;
  }
}

/** One character for each byte. */
function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join('');
}
