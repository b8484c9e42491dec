import type { Health, Shutdown } from "@messnetz/runtime";
import type { KeptSession } from "../sessions.ts";
import { type BridgeOptions, createBridge } from "./bridge.ts";
import { type BridgePlan, clientOf } from "./bridge-file.ts";

export interface ProcessOfBridge {
  readonly health: Health;
  readonly shutdown: Shutdown;
  /** What is left of the time to close in. Absent: 10 s. */
  readonly closeWithinMs?: () => number;
}

/** Where there are plans: the bridge, closed by the shutdown in its turn, and seen to by health. */
export function openBridge(options: BridgeOptions, process: ProcessOfBridge): void {
  if (options.plans.length === 0) return;
  const bridge = createBridge(options);
  process.shutdown.defer("bridge", () => bridge.close(process.closeWithinMs?.()));
  process.health.add("bridge", () => {
    const troubles = bridge.troubles();
    if (troubles.length > 0) throw new Error(troubles.join("; "));
  });
}

/** The sessions of the door's clients, among those that the store keeps: the bridge's are nobody's to sweep. */
export function sessionsOfDoor(kept: readonly KeptSession[], plans: readonly BridgePlan[]): readonly KeptSession[] {
  const bridged = new Set(plans.map(clientOf));
  return kept.filter(({ client }) => !bridged.has(client));
}
