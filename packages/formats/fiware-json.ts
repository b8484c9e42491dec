import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { attributeReadings } from "./attribute-readings.ts";
import { fiwareTopic } from "./fiware-topic.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * The JSON of FIWARE's IoT agent: attributes as an object, or a list of such, on `/json/<api key>/<device>/attrs`, or one value on
 * `.../attrs/<name>`. An attribute may also stand as NGSI has it: `{"type": "Number", "value": 21.5}`. Units stand in the registry.
 */
export const fiwareJson: PayloadFormat = {
  name: "fiware-json",
  revision: 1,
  topics: ["/json/#", "json/#", "/+/+/attrs", "+/+/attrs"],
  specification: "https://fiware-iotagent-json.readthedocs.io/en/latest/usermanual.html",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const { levels } = message;
  if (fiwareTopic(levels, "json", "fiware") === undefined) return false;
  const isNamed = levels[0] === "json" || (levels[0] === "" && levels[1] === "json");
  return isNamed || /^\s*[[{]/u.test(message.text() ?? "");
}

function decode(message: Message): Decoded | Refusal {
  const place = fiwareTopic(message.levels, "json", "fiware");
  if (place === undefined) return refusal("malformed", "a topic /json/<api key>/<device>/attrs", message.topic);
  const { device, kind, attribute } = place;
  if (kind !== "attrs") return { skip: "a command or its answer", device };
  const payload = message.json();
  if (payload === undefined && message.problem() !== undefined) return { ...message.problem()!, device };
  const readings: Reading[] = [];
  if (attribute !== undefined && !isJsonObject(payload)) {
    readings.push(...attributeReadings([[attribute, payload]], { device, instant: undefined }));
  } else {
    const groups: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
    for (const group of groups) {
      if (!isJsonObject(group))
        return { ...malformed(message, "an object of attributes, or a list of such", group), device };
      const attributes = attribute === undefined ? ngsiValues(group) : [[attribute, group["value"]] as const];
      readings.push(...attributeReadings(attributes, { device, instant: undefined }));
    }
  }
  return readings.length === 0 ? { skip: "no attribute has a value", device } : { readings };
}

/** Who and what the entity is, in NGSI. */
const entityNames: ReadonlySet<string> = new Set(["id", "type", "@context"]);

function* ngsiValues(group: JsonObject): Generator<readonly [string, unknown]> {
  const isEntity = typeof group["id"] === "string" && typeof group["type"] === "string";
  for (const [name, value] of Object.entries(group)) {
    if (isEntity && entityNames.has(name)) continue;
    yield [name, isJsonObject(value) ? value["value"] : value];
  }
}
