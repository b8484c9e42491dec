import { networkOf } from "../address-limits.ts";

export interface FailedLogins {
  /** One more from the address. Gives in how many seconds it may try again; 0: at once. */
  count(address: string): number;
}

/** So many a minute are answered as what they are. */
const perMinute = 60;
const minuteMs = 60_000;
const maxAddresses = 10_000;

/**
 * Failed logins of each IPv4 address or IPv6 /64. Beyond the limit those that fail are told to wait; whoever has the right password is never
 * shut out, not even behind the address of a careless neighbour: our passwords are 128 random bits, which nobody guesses. `now` in
 * milliseconds, monotonic.
 */
export function createFailedLogins(now: () => number): FailedLogins {
  const windows = new Map<string, { readonly endsAt: number; failures: number }>();
  return {
    count(address) {
      const network = networkOf(address);
      const at = now();
      let window = windows.get(network);
      if (window === undefined || window.endsAt <= at) {
        window = { endsAt: at + minuteMs, failures: 0 };
        windows.delete(network);
        windows.set(network, window);
        if (windows.size > maxAddresses) windows.delete(windows.keys().next().value!);
      }
      window.failures++;
      return window.failures <= perMinute ? 0 : Math.ceil((window.endsAt - at) / 1000);
    },
  };
}
