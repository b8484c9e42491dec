import {
  type DatastreamSettings,
  type DeviceAndThing,
  type Device,
  type Directory,
  type Domain,
  domainSchema,
  type EpochMs,
  type ObservedProperty,
  operatorSchema,
  type Source,
  type Thing,
} from "@messnetz/model";
import { z } from "zod";

/** An organisation that owns things and may see them. */
export const operatorRecordSchema = z.strictObject({ id: operatorSchema, name: z.string().min(1).max(200) });
export type Operator = z.infer<typeof operatorRecordSchema>;

/** What is left of a thing that was removed: whose the observations under its id are. */
export const tombstoneSchema = z.strictObject({ operator: operatorSchema, domain: domainSchema });
export type Tombstone = Readonly<z.infer<typeof tombstoneSchema>>;

/** What a token may do. `admin` is every other scope, and changing the registry. */
export const scopes = ["read", "export", "quarantine", "ledger", "admin"] as const;
export const scopeSchema = z.enum(scopes);
export type Scope = z.infer<typeof scopeSchema>;

/** The operator of a token that sees the things of all. */
export const everyOperator = "*";

export const tokenRequestSchema = z.strictObject({
  name: z.string().min(1).max(200),
  operator: z.union([z.literal(everyOperator), operatorSchema]),
  scopes: z.array(scopeSchema).min(1),
  /** Absent: every domain. */
  domains: z.array(domainSchema).min(1).optional(),
  /** Epoch milliseconds. Absent: it does not expire. */
  expiresAt: z.int().optional(),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** Who asks: a token that was found good. Its `id` stands in logs and in the audit; it is no secret. */
export interface Principal extends Readonly<TokenRequest> {
  readonly id: string;
  readonly issuedAt: EpochMs;
  /** Id of the token that issued it; absent where none did. */
  readonly issuedBy?: string | undefined;
}

export interface IssuedCredential {
  readonly source: Source;
  /** MQTT password: 128 random bits, 26 characters of base32. Shown once, stored nowhere. The user name is the source's id. */
  readonly secret: string;
}

export interface IssuedToken {
  readonly principal: Principal;
  /** `mn_<id>_<secret and checksum>`. Shown once, stored nowhere. */
  readonly token: string;
}

export interface CredentialState {
  readonly source: Source;
  readonly issuedAt: EpochMs;
  /** When its secret ceased to be accepted. The source stays: the ledger and the quarantine name it. */
  readonly revokedAt?: EpochMs;
}

/** JSON. */
export type MemoryValue =
  | string
  | number
  | boolean
  | null
  | readonly MemoryValue[]
  | { readonly [key: string]: MemoryValue };

export interface MemoryEntry {
  readonly source: string;
  readonly format: string;
  readonly key: string;
  readonly value: MemoryValue;
}

/** What is absent does not restrict; an empty list matches nothing. */
export interface ThingQuery {
  readonly operators?: readonly string[];
  readonly domains?: readonly Domain[];
  /** Things that have each of these tags. */
  readonly tags?: readonly string[];
  /** West, south, east, north in degrees (RFC 7946, 5); west greater than east crosses the antimeridian. Leaves out things without a location. */
  readonly box?: readonly [west: number, south: number, east: number, north: number];
  /** Keyset: only ids that come after this one. */
  readonly after?: string;
  readonly limit?: number;
}

export interface DeviceQuery {
  readonly operators?: readonly string[];
  readonly things?: readonly string[];
}

export type RegistryChange =
  | { readonly kind: "put-operator"; readonly operator: Operator }
  /**
   * Refused (`exists`) where a thing of this id was removed that was another operator's: its observations are not for the new one. Where the
   * operator changes, its datastreams are public no longer: the new one has not said so.
   */
  | { readonly kind: "put-thing"; readonly thing: Thing }
  | { readonly kind: "put-device"; readonly device: Device }
  /** A source without a credential gets one; the secret of an existing one stays. */
  | { readonly kind: "put-source"; readonly source: Source }
  /** Whole, as it is to be. */
  | { readonly kind: "put-datastream"; readonly datastream: DatastreamSettings }
  /**
   * An observed property of the town's own. Refused (`invalid`) where Messnetz brings one of this key, and where unit, kind or words contradict
   * what was accepted before. There is no way to remove one: stored results have its unit.
   */
  | { readonly kind: "accept-property"; readonly property: ObservedProperty }
  /** Refused while the operator owns things, credentials or tokens. */
  | { readonly kind: "remove-operator"; readonly id: string }
  /** With its devices and what was set of its datastreams. Its observations stay, and its id stays its operator's. */
  | { readonly kind: "remove-thing"; readonly id: string }
  | { readonly kind: "remove-device"; readonly id: string }
  /** With its credential. */
  | { readonly kind: "remove-source"; readonly id: string }
  /** What was set of it; the datastream itself has its observations. */
  | { readonly kind: "remove-datastream"; readonly id: string };

/**
 * Things, devices, operators, credentials and tokens. Reads answer at once from memory; writes are durable when they resolve, and
 * reject with a `RegistryError` and no effect when they cannot be. What is handed out is frozen. Ids order by code unit.
 */
export interface Registry extends Directory {
  operator(id: string): Operator | undefined;
  operators(): readonly Operator[];
  thing(id: string): Thing | undefined;
  /** Of an id that is free, but had a thing before: only that thing's operator may take it again. */
  tombstone(id: string): Tombstone | undefined;
  /** By id. */
  things(query: ThingQuery): readonly Thing[];
  /** By id. */
  devices(query: DeviceQuery): readonly Device[];
  /** What was set of a datastream. */
  datastream(id: string): DatastreamSettings | undefined;
  /** What was set of datastreams, by id. */
  datastreams(): readonly DatastreamSettings[];
  /** Those of them that anybody may read, by id. */
  publicDatastreams(): readonly DatastreamSettings[];
  /** Observed properties of the town's own, by key. The catalogue of the process has them too. */
  ownProperties(): readonly ObservedProperty[];
  /** By the source's id. */
  credentials(): readonly CredentialState[];
  /** Tokens that were issued and not revoked, expired ones too; by id. */
  tokens(): readonly Principal[];

  /** A thing as the principal sees it: what is not its operator's, or not of its domains, is as if it were missing. */
  visibleThing(principal: Principal, id: string): Thing | undefined;
  visibleThings(principal: Principal, query: ThingQuery): readonly Thing[];

  /** The source whose id is the user name, if the secret is right and not revoked. An unknown user costs the work of a wrong secret. */
  authenticate(username: string, password: Uint8Array): Source | undefined;
  /** False once the credential is revoked or removed: ask again for open connections when `version` has changed. */
  isActive(sourceId: string): boolean;
  /** Whom the token was issued to, if it is good, not revoked and not expired. */
  authorise(token: string): Principal | undefined;

  /** All or nothing, in the order given. Gives the secrets of sources that had none. What changes nothing leaves `version` alone. */
  apply(changes: readonly RegistryChange[]): Promise<readonly IssuedCredential[]>;
  putThing(thing: Thing): Promise<void>;
  removeThing(id: string): Promise<void>;
  putDevice(device: Device): Promise<void>;
  removeDevice(id: string): Promise<void>;
  putOperator(operator: Operator): Promise<void>;

  /** A new source and its secret. Rejects with `exists` where there is one of this id. */
  issueCredential(source: Source): Promise<IssuedCredential>;
  /** A new secret; the old one, revoked or not, is not accepted any more. */
  rotateCredential(sourceId: string): Promise<IssuedCredential>;
  revokeCredential(sourceId: string): Promise<void>;
  /** `issuedBy`: the id of the token that asked for it. */
  issueToken(request: TokenRequest, issuedBy?: string): Promise<IssuedToken>;
  revokeToken(id: string): Promise<void>;

  /**
   * Takes devices that a credential's adoption rule made, with their things: seen by every read at once, durable after `flush`.
   * A device that is known stays as it is, and so does a thing. Gives back those that belong, or belonged until they were removed, to
   * another operator, and what is beyond 200,000 devices: they were not adopted, and what they measured must not be stored under these things.
   */
  adopt(list: readonly DeviceAndThing[]): readonly DeviceAndThing[];
  /** What a payload format remembers under the key, of this source; undefined where nothing is. */
  recall(source: string, format: string, key: string): MemoryValue | undefined;
  /**
   * Remembers for a payload format: seen by `recall` at once, durable after `flush`; null forgets. No change of `version`. Gives back what was
   * not taken: of a source that is not there, longer than 200,000 bytes as JSON, or beyond 5,000 entries or 8,000,000 bytes of one source.
   */
  remember(list: readonly MemoryEntry[]): readonly MemoryEntry[];
  /** Resolves when everything adopted and remembered so far is durable. Costs nothing when nothing was. After a rejection it can be tried again. */
  flush(): Promise<void>;
  /** Rejects with what is wrong when nothing could be written now. */
  check(): Promise<void>;
  /** Flushes and closes. Writes after it reject with `closed`. */
  close(): Promise<void>;
}
