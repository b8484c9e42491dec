import { deviceIdOf } from "./device-word.ts";

export interface FiwareTopic {
  readonly device: string;
  /** `attrs`, or what is no measure: `cmd`, `cmdexe`, `configuration`. */
  readonly kind: string;
  readonly attribute: string | undefined;
}

/**
 * `[/][<protocol>/]<api key>/<device>/<kind>[/<attribute>]`, as FIWARE's IoT agents know it; undefined where it is none. The device is
 * `<scheme>:<api key>/<device>`: the key parts device ids of several services.
 */
export function fiwareTopic(levels: readonly string[], protocol: string, scheme: string): FiwareTopic | undefined {
  let at = levels[0] === "" ? 1 : 0;
  const hasProtocol = levels[at] === protocol;
  if (hasProtocol) at++;
  const [key = "", id = "", kind = "", attribute] = levels.slice(at);
  if (key === "" || id === "" || !kinds.has(kind)) return undefined;
  const length = levels.length - at;
  if (length > 4 || attribute === "") return undefined;
  // Without the protocol's name before it only the measures tell themselves.
  if (!hasProtocol && kind !== "attrs") return undefined;
  return { device: deviceIdOf(scheme, `${key}/${id}`), kind, attribute };
}

const kinds: ReadonlySet<string> = new Set(["attrs", "cmd", "cmdexe", "configuration"]);
