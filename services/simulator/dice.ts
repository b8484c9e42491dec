/** Chance that is the same for the same seed, key and number, in whatever order it is asked. */
export interface Dice {
  /** Even in [0, 1). */
  roll(key: string, n: number): number;
  /** Even in [from, to). */
  between(key: string, from: number, to: number): number;
  /** Wanders smoothly within [-1, 1]; about one turn in `period` steps of `t`. */
  wander(key: string, t: number, period: number): number;
}

export function createDice(seed: number): Dice {
  function roll(key: string, n: number): number {
    let state = (seed ^ 0x9e3779b9) | 0;
    for (let at = 0; at < key.length; at++) state = mix(state ^ key.charCodeAt(at));
    state = mix(state ^ (n | 0));
    return (mix(state ^ Math.floor(n / 0x1_0000_0000)) >>> 0) / 0x1_0000_0000;
  }
  return {
    roll,
    between: (key, from, to) => from + (to - from) * roll(key, 0),
    wander(key, t, period) {
      const at = (2 * t) / period;
      const left = Math.floor(at);
      const part = at - left;
      const ease = part * part * (3 - 2 * part);
      return 2 * (roll(key, left) * (1 - ease) + roll(key, left + 1) * ease) - 1;
    },
  };
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain). */
function mix(value: number): number {
  let state = value;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}
