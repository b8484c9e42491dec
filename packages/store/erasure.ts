import type { QuarantineEntry } from "@messnetz/model";
import type {
  EmbeddedStore,
  ObservationStore,
  QuarantineRemoval,
  QuarantineStore,
  RemovalQuery,
  RemovalReceipt,
} from "./port.ts";
import { namesEntry } from "./quarantine-entry.ts";

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

/** Removes what was measured and what could not be read, wherever it lies. Cut short, it is to be repeated: the next receipt counts the rest. */
export async function erase({ observations, quarantine }: Places, request: ErasureRequest): Promise<ErasureReceipt> {
  const quarantined = await quarantine.remove(request.quarantine);
  return { ...(await observations.remove(request.observations)), quarantined };
}

/** What an erasure would remove. */
export interface ErasurePreview {
  readonly observations: number;
  /** Those that are named and have observations, be it outside of the span. */
  readonly datastreams: number;
  readonly quarantined: number;
}

interface PreviewedPlaces {
  readonly observations: Pick<ObservationStore, "count" | "latest">;
  readonly quarantine: Pick<QuarantineStore, "list">;
}

/** Counts what `erase` would find now, and changes nothing. */
export async function previewErasure(
  { observations, quarantine }: PreviewedPlaces,
  request: ErasureRequest,
): Promise<ErasurePreview> {
  return {
    observations: await observations.count(request.observations),
    datastreams: (await observations.latest(request.observations)).length,
    quarantined: await countQuarantined(quarantine, request.quarantine),
  };
}

const pageRows = 1000;

async function countQuarantined(
  quarantine: Pick<QuarantineStore, "list">,
  { devices, ...named }: QuarantineRemoval,
): Promise<number> {
  if (devices?.length === 0) return 0;
  let count = 0;
  for (let before: Pick<QuarantineEntry, "receivedAt" | "id"> | undefined; ;) {
    const page = await quarantine.list({ ...named, ...(before && { before }), limit: pageRows });
    count += page.filter((entry) => namesEntry({ ...named, ...(devices && { devices }) }, entry)).length;
    before = page.at(-1);
    if (page.length < pageRows) return count;
  }
}

/** Who counts and erases: the store of this process, or whoever has the right to it. */
export interface Eraser {
  preview(request: ErasureRequest): Promise<ErasurePreview>;
  /** Durable when it resolves. */
  erase(request: ErasureRequest): Promise<ErasureReceipt>;
}

/** Of a store that this process has to itself. */
export function createEraser(store: Pick<EmbeddedStore, "observations" | "quarantine">): Eraser {
  return {
    preview: async (request) => previewErasure(store, request),
    erase: async (request) => erase(store, request),
  };
}
