import type { ObservationStore, QuarantineRemoval, QuarantineStore, RemovalQuery, RemovalReceipt } from "./port.ts";

export interface ErasureRequest {
  readonly observations: RemovalQuery;
  /** Of the devices that measured them; nothing named means none. */
  readonly quarantine: QuarantineRemoval;
}

export interface ErasureReceipt extends RemovalReceipt {
  /** Entries of the quarantine, raw bytes and all. */
  readonly quarantined: number;
}

interface Places {
  readonly observations: Pick<ObservationStore, "remove">;
  readonly quarantine: Pick<QuarantineStore, "remove">;
}

/** Removes what was measured and what could not be read, wherever it lies. Cut short, it is to be repeated: the receipts add up. */
export async function erase({ observations, quarantine }: Places, request: ErasureRequest): Promise<ErasureReceipt> {
  const quarantined = await quarantine.remove(request.quarantine);
  return { ...(await observations.remove(request.observations)), quarantined };
}
