import type { Resource } from "./api-server.ts";
import { aggregates } from "./resources/aggregates.ts";
import { exportAggregates } from "./resources/aggregates-export.ts";
import { archive } from "./resources/archive.ts";
import { audit } from "./resources/audit.ts";
import { chart } from "./resources/chart.ts";
import { credentials } from "./resources/credentials.ts";
import { datastreamSettings } from "./resources/datastream-settings.ts";
import { datastreams } from "./resources/datastreams.ts";
import { decode } from "./resources/decode.ts";
import { exportObservations } from "./resources/export.ts";
import { features } from "./resources/features.ts";
import { importFile } from "./resources/import.ts";
import { inventory } from "./resources/inventory.ts";
import { latest } from "./resources/latest.ts";
import { ledger } from "./resources/ledger.ts";
import { messages } from "./resources/messages.ts";
import { months } from "./resources/months.ts";
import { observations } from "./resources/observations.ts";
import { operations } from "./resources/operations.ts";
import { properties } from "./resources/properties.ts";
import { quarantine } from "./resources/quarantine.ts";
import { reference } from "./resources/reference.ts";
import { removals } from "./resources/removals.ts";
import { things } from "./resources/things.ts";
import { tokens } from "./resources/tokens.ts";

/** Everything that the API serves. */
export const resources: readonly Resource[] = [
  things,
  datastreams,
  datastreamSettings,
  properties,
  observations,
  chart,
  exportObservations,
  archive,
  latest,
  aggregates,
  exportAggregates,
  features,
  ledger,
  quarantine,
  decode,
  tokens,
  credentials,
  messages,
  inventory,
  importFile,
  removals,
  months,
  audit,
  operations,
  reference,
];
