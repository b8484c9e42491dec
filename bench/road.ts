import type { InfluxDatabase } from "./influx-database.ts";
import type { Part } from "./part.ts";
import type { LoadTarget } from "./run-load.ts";
import type { StoredForm } from "./stored-messages.ts";

/** What a load goes through from the door that devices see to InfluxDB. */
export interface Road extends AsyncDisposable {
  readonly name: string;
  /** In the order of the road. */
  readonly parts: readonly Part[];
  /** Where devices publish. */
  readonly target: LoadTarget;
  readonly influx: InfluxDatabase;
  /** How the first reading of a message stands in InfluxDB. */
  readonly stored: StoredForm;
  /** Its processes end in order, all but InfluxDB: what they still had in memory is written. */
  settle(): Promise<void>;
}
