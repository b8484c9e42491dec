import {
  type DatastreamSettings,
  datastreamSettingsSchema,
  type Device,
  deviceSchema,
  type ObservedProperty,
  observedPropertySchema,
  type Source,
  sourceSchema,
  type Thing,
  thingSchema,
} from "@messnetz/model";
import { z } from "zod";
import {
  type Operator,
  operatorRecordSchema,
  type Principal,
  tokenRequestSchema,
  type Tombstone,
  tombstoneSchema,
} from "./port.ts";

const sealedSecretSchema = z.strictObject({
  /** Absent once revoked. */
  seal: z.string().optional(),
  issuedAt: z.int(),
  revokedAt: z.int().optional(),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

const issuedTokenSchema = z.strictObject({
  principal: tokenRequestSchema.extend({ id: z.string(), issuedAt: z.int(), issuedBy: z.string().optional() }),
  seal: z.string(),
});
/** Found by `<source> <format> <key>`. */
const formatMemorySchema = z.strictObject({
  source: z.string(),
  format: z.string(),
  key: z.string(),
  value: z.json(),
});
export type FormatMemory = z.infer<typeof formatMemorySchema>;

export interface SealedToken {
  readonly principal: Principal;
  readonly seal: string;
}

/** What the registry keeps, by kind. A document is found by its kind and id; a secret has the id of its source. */
export interface Documents {
  readonly operator: Operator;
  readonly thing: Thing;
  /** Of the thing that was last removed under this id. It stays when the id is taken again: then the thing says whose it is. */
  readonly tombstone: Tombstone;
  readonly device: Device;
  readonly datastream: DatastreamSettings;
  /** Of the town's own, beside those that Messnetz brings. It never goes: stored results have its unit. */
  readonly property: ObservedProperty;
  readonly source: Source;
  readonly secret: SealedSecret;
  readonly token: SealedToken;
  /** What a payload format remembers of a source's devices. */
  readonly memory: FormatMemory;
  /** One, of id `seal`: which key the secrets were sealed with. */
  readonly key: { readonly fingerprint: string };
}
export type Kind = keyof Documents;

export const documentSchemas: { readonly [K in Kind]: z.ZodType<Documents[K]> } = {
  operator: operatorRecordSchema,
  thing: thingSchema,
  tombstone: tombstoneSchema,
  device: deviceSchema,
  datastream: datastreamSettingsSchema,
  property: observedPropertySchema,
  source: sourceSchema,
  secret: sealedSecretSchema,
  token: issuedTokenSchema,
  memory: formatMemorySchema,
  key: z.strictObject({ fingerprint: z.string() }),
};

/** A document as storage keeps it: the body is JSON. */
export interface StoredDocument {
  readonly kind: string;
  readonly id: string;
  readonly body: string;
}

/** What others have changed. */
export type News =
  | { readonly kind: "everything"; readonly documents: readonly StoredDocument[] }
  /** One change of theirs, whole. Without a body the document was removed. */
  | { readonly kind: "change"; readonly changes: readonly ForeignChange[] };

export interface ForeignChange extends Omit<StoredDocument, "body"> {
  readonly body?: string;
}

/** Without a body the document is removed. */
export interface DocumentChange {
  readonly kind: Kind;
  readonly id: string;
  readonly body?: string;
}

/** Where documents are durable. One adapter for each place; what documents mean is none of its business. */
export interface DocumentStorage {
  /** Everything. */
  load(): Promise<readonly StoredDocument[]>;
  /** `take` gets what other processes write, in its order: everything again, or change by change. What it throws is told by `check`. */
  follow(take: (news: News) => void): void;
  /**
   * Writes what `decide` returns, all or nothing and durably, and only if nobody else has written since `decide` was asked: else it is
   * asked again. Before, it has been told of everything that others wrote, by its argument or by `take`. What it throws is passed on, and
   * nothing is written.
   */
  write(decide: (news: News | undefined) => readonly DocumentChange[]): Promise<void>;
  /** Rejects when nothing could be written now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
