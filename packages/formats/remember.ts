/** Devices say the same few words again and again; a flood of new ones starts over. */
const maxWords = 4_096;

/** Longer words are worked out each time, so that nobody fills the memory. */
const maxWordLength = 128;

/** The pure function `compute`, which gives the same for the same word, worked out once a word. */
export function remember<T>(compute: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    const found = known.get(word);
    if (found !== undefined || known.has(word)) return found as T;
    const made = compute(word);
    if (word.length <= maxWordLength) {
      if (known.size >= maxWords) known.clear();
      known.set(word, made);
    }
    return made;
  };
}
