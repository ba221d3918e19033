/** Answers by key, the least recently asked ones forgotten first; bounded in number and in the length of all keys. */
export interface Memory<T> {
  /** The answer for this key, made if it is not remembered. */
  recall(key: string): T;
  readonly size: number;
}

export interface MemoryLimits {
  readonly entries: number;
  /** Of all keys together, in UTF-16 units. */
  readonly length: number;
  /** Longer keys are answered and forgotten. */
  readonly longestKey: number;
}

/** `make` must be pure: what is remembered is what it would say again. */
export function createMemory<T>(make: (key: string) => T, limits: MemoryLimits): Memory<T> {
  const answers = new Map<string, T>();
  let length = 0;
  const forgetOldest = () => {
    const [oldest = ''] = answers.keys();
    answers.delete(oldest);
    length -= oldest.length;
  };
  return {
    recall(key) {
      const known = answers.get(key);
      if (known !== undefined) {
        answers.delete(key);
        answers.set(key, known);
        return known;
      }
      const answer = make(key);
      if (key.length > limits.longestKey) return answer;
      answers.set(key, answer);
      length += key.length;
      while (answers.size > limits.entries || length > limits.length) forgetOldest();
      return answer;
    },
    get size() {
      return answers.size;
    },
  };
}
