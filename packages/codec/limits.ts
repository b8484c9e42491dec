/** What a codec may use for one frame. A usual one takes 0.05 ms, some kilobytes and some hundred characters. */
export const limits = {
  /** Processor time of the thread. */
  cpuMs: 25,
  /** Of the engine, counted in ten thousands: the same on every machine, which time is not. */
  steps: 3_000_000,
  /** To read the text of a codec, which is done once. */
  loadCpuMs: 250,
  loadSteps: 50_000_000,
  /** By the clock on the wall, before the thread is ended: what the engine does without a look at the other limits. */
  wallMs: 150,
  loadWallMs: 2_000,
  /** Of all runs together that find out which bytes a frame's values hang on: whoever asks for it holds up others as long. */
  traceCpuMs: 100,
  /** Until a new thread must be there. */
  startWallMs: 5_000,
  /** Of the engine's heap. */
  memoryBytes: 8 * 1024 * 1024,
  stackBytes: 256 * 1024,
  outputCharacters: 64 * 1024,
  outputDepth: 16,
  sourceCharacters: 1024 * 1024,
} as const;

/** The engine asks whether to go on after so many steps: `JS_INTERRUPT_COUNTER_INIT` of QuickJS. */
export const stepsPerLook = 10_000;
