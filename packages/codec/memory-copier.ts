/** As `WebAssembly.Memory`, of which TypeScript knows in browsers only. */
export interface EngineMemory {
  readonly buffer: ArrayBuffer;
}

/** What a memory held. */
export type MemoryCopy = readonly { readonly at: number; readonly bytes: Uint8Array }[];

export interface MemoryCopier {
  /** `allocated`: bytes that may lie as zeros behind the last byte that is none. */
  copy(allocated: number): MemoryCopy;
  setBack(copy: MemoryCopy): void;
}

const pageBytes = 4096;
/** Variables that are still zero lie behind the others, before the stack. */
const zeroVariables = 64 * pageBytes;

/**
 * Copies an engine's memory and sets it back. Left out are the stack, which is empty between calls, and what was never allocated, which the
 * engine shows to nobody. The stack is the longest run of zeros between bytes that are none, in the memory as it is at the beginning.
 */
export function createMemoryCopier(memory: EngineMemory): MemoryCopier {
  const stack = longestZeros(memory);

  return {
    copy(allocated) {
      const all = new Uint8Array(memory.buffer);
      const variables = Math.min(stack.from + zeroVariables, stack.to);
      const end = Math.min(lastPage(memory) + allocated + zeroVariables, all.length);
      return [
        { at: 0, bytes: all.slice(0, variables) },
        { at: stack.to, bytes: all.slice(stack.to, end) },
      ];
    },
    setBack(copy) {
      const all = new Uint8Array(memory.buffer);
      for (const { at, bytes } of copy) all.set(bytes, at);
    },
  };
}

function longestZeros(memory: EngineMemory): { readonly from: number; readonly to: number } {
  const last = lastPage(memory);
  let longest = { from: 0, to: 0 };
  let from = 0;
  const words = new Int32Array(memory.buffer);
  for (let page = 0; page < last; page += pageBytes) {
    if (isZero(words, page)) continue;
    if (page - from > longest.to - longest.from) longest = { from, to: page };
    from = page + pageBytes;
  }
  return longest;
}

/** Where the last page ends that is not all zeros. */
function lastPage(memory: EngineMemory): number {
  const words = new Int32Array(memory.buffer);
  let end = memory.buffer.byteLength;
  while (end > 0 && isZero(words, end - pageBytes)) end -= pageBytes;
  return end;
}

function isZero(words: Int32Array, page: number): boolean {
  const last = (page + pageBytes) / Int32Array.BYTES_PER_ELEMENT;
  for (let at = page / Int32Array.BYTES_PER_ELEMENT; at < last; at++) if (words[at] !== 0) return false;
  return true;
}
