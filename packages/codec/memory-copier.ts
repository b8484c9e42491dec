/** As `WebAssembly.Memory`, of which TypeScript knows in browsers only. */
export interface EngineMemory {
  readonly buffer: ArrayBuffer;
}

/** What a memory held, without what it does not need. */
export interface MemoryCopy {
  readonly parts: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** From here on are zeros: the end of the last part. */
  readonly zerosFrom: number;
  readonly zerosTo: number;
}

export interface MemoryCopier {
  /** `allocated`: bytes of the heap that are in use, which may lie as zeros behind the last byte that is none. */
  copy(allocated: number): MemoryCopy;
  setBack(copy: MemoryCopy): void;
  /** Sets back, and makes zeros of what others have left behind it: else it would be copied with all that is copied from now on. */
  clear(copy: MemoryCopy): void;
}

const pageBytes = 4096;
/** Variables that are still zero lie behind the others, before the stack: 3 KB of them in this build of the engine. */
const zeroVariables = 4 * pageBytes;

/**
 * Copies an engine's memory and sets it back. Left out are the stack, which is empty between calls, and what was never allocated, which the
 * engine shows to nobody. The stack is the longest run of zeros between bytes that are none, in the memory as it is at the beginning. What
 * is allocated begins with its length, so no more than all that is in use can lie as zeros behind the last byte that is none.
 */
export function createMemoryCopier(memory: EngineMemory): MemoryCopier {
  const stack = longestZeros(memory);

  function setBack({ parts, zerosFrom, zerosTo }: MemoryCopy): void {
    const all = new Uint8Array(memory.buffer);
    for (const { at, bytes } of parts) all.set(bytes, at);
    all.fill(0, zerosFrom, zerosTo);
  }

  return {
    copy(allocated) {
      const all = new Uint8Array(memory.buffer);
      const variables = Math.min(stack.from + zeroVariables, stack.to);
      const zerosFrom = lastPage(memory);
      return {
        parts: [
          { at: 0, bytes: all.slice(0, variables) },
          { at: stack.to, bytes: all.slice(stack.to, zerosFrom) },
        ],
        zerosFrom,
        zerosTo: Math.min(zerosFrom + allocated + pageBytes, all.length),
      };
    },
    setBack,
    clear(copy) {
      setBack(copy);
      new Uint8Array(memory.buffer).fill(0, copy.zerosTo, Math.max(lastPage(memory), copy.zerosTo));
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
