export interface AddressLimits {
  /** False: one too many. True counts it until `leave`. */
  enter(address: string): boolean;
  leave(address: string): void;
  count(): number;
}

/** Bounds connections in all and per address. An IPv6 client has a whole /64, so that counts as one address. */
export function createAddressLimits(maxInAll: number, maxPerAddress: number): AddressLimits {
  const counts = new Map<string, number>();
  let inAll = 0;
  return {
    enter(address) {
      const network = networkOf(address);
      const here = counts.get(network) ?? 0;
      if (inAll >= maxInAll || here >= maxPerAddress) return false;
      counts.set(network, here + 1);
      inAll++;
      return true;
    },
    leave(address) {
      const network = networkOf(address);
      const here = counts.get(network) ?? 0;
      if (here <= 1) counts.delete(network);
      else counts.set(network, here - 1);
      inAll--;
    },
    count: () => inAll,
  };
}

/** What counts as one address. */
export function networkOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [head = ""] = address.split("%");
  const [left = "", right] = head.split("::");
  const groups = left === "" ? [] : left.split(":");
  if (right !== undefined) {
    const tail = right === "" ? [] : right.split(":");
    while (groups.length + tail.length < 8) groups.push("0");
    groups.push(...tail);
  }
  return groups.slice(0, 4).join(":");
}
