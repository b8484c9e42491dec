/** Numbers of datastreams: adding one is a store into a typed array. */
export class StreamSet {
  #flags = new Uint8Array(64);
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(stream: number): void {
    if (stream >= this.#flags.length) {
      const larger = new Uint8Array(Math.max(stream + 1, 2 * this.#flags.length));
      larger.set(this.#flags);
      this.#flags = larger;
    }
    this.#flags[stream] = 1;
    this.#isEmpty = false;
  }

  has(stream: number): boolean {
    return this.#flags[stream] === 1;
  }
}
