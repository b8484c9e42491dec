import type { Engine } from "./engine.ts";
import type { createPlainColumns } from "./plain-columns.ts";
import type { Layout } from "./layout.ts";
import type { StreamIndex } from "./stream-index.ts";

/** What a reader needs of the open database. */
export interface Holdings {
  readonly engine: Engine;
  readonly streams: StreamIndex;
  readonly layout: Layout;
  /** Of the files of closed months. */
  readonly folder: string;
  readonly plainColumns: ReturnType<typeof createPlainColumns>;
}
