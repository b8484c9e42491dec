import { tagBase } from "@messnetz/bench";

export interface LedgerCounts {
  readonly source: string;
  readonly device: string;
  readonly received: number;
  readonly stored: number;
  readonly partial: number;
  readonly skipped: number;
  readonly duplicate: number;
  readonly quarantined: number;
  readonly refused: number;
  readonly observations: number;
}

export interface ObservationRow {
  readonly datastream: string;
  readonly property: string;
  readonly channel?: string;
  readonly phenomenonTime: string;
  readonly intervalStart?: string;
  readonly resultTime: string;
  readonly result: number | string;
  readonly unit: string;
  readonly quality: string;
  readonly checks: readonly string[];
}

/** What trials ask a running town over HTTP. */
export function createTownClient(url: string, token: string) {
  async function get(path: string): Promise<Response> {
    const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!reply.ok) throw new Error(`${path}: expected 200, came ${reply.status} ${await reply.text()}`);
    return reply;
  }

  /** The lines of an NDJSON export of all times. */
  async function* exportLines(query: string): AsyncGenerator<string> {
    const reply = await get(
      `/api/v1/observations/export?format=ndjson&from=1990-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&${query}`,
    );
    let rest = "";
    for await (const text of reply.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  return {
    get,
    export: exportLines,
    /** Tags of the load's messages that are stored, each with how often: the thing tells the device, the level the sequence. */
    async loadTags(): Promise<ReadonlyMap<number, number>> {
      const tags = new Map<number, number>();
      for await (const line of exportLines("property=water_level")) {
        const { datastream, result } = JSON.parse(line) as { datastream: string; result: number };
        const device = Number.parseInt(datastream.slice(0, datastream.indexOf("/")).slice(-10), 16);
        const tag = device * tagBase + Math.round(result * 1000);
        tags.set(tag, (tags.get(tag) ?? 0) + 1);
      }
      return tags;
    },
    async count(): Promise<number> {
      let count = 0;
      for await (const line of exportLines("")) if (line !== "") count++;
      return count;
    },
    async ledger(): Promise<readonly LedgerCounts[]> {
      return ((await (await get("/api/v1/ledger")).json()) as { items: LedgerCounts[] }).items;
    },
  };
}
