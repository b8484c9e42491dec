/** Integers that follow each other, the same ones together. Neighbouring runs differ. */
export class Runs {
  /** In all runs. */
  length = 0;
  count = 0;
  /** Of each run: its value, and the place behind its last. */
  readonly values: Int32Array;
  readonly ends: Uint32Array;

  /** `capacity`: integers in all. */
  constructor(capacity: number) {
    this.values = new Int32Array(capacity);
    this.ends = new Uint32Array(capacity);
  }

  add(value: number, times: number): void {
    if (times === 0) return;
    this.length += times;
    if (this.count === 0 || this.values[this.count - 1] !== value) this.values[this.count++] = value;
    this.ends[this.count - 1] = this.length;
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
  }
}
