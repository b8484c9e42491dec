import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, describeConfig, loadConfig } from "./config.ts";

const schema = z.object({
  MESSNETZ_MQTT_HOST: z.string().default("127.0.0.1").describe("Address that the MQTT door listens on."),
  MESSNETZ_MQTT_PORT: z.coerce.number().int().min(0).max(65_535).default(1883).describe("Port of the MQTT door."),
  MESSNETZ_DEMO: z.stringbool().default(true),
  MESSNETZ_INFLUX_TOKEN: z.string().min(8).optional().describe("Token of the database."),
  MESSNETZ_TLS: z.string().min(3).meta({ secret: true, description: "Pass phrase.\nNever shown." }).optional(),
  MESSNETZ_ZONES: z
    .string()
    .transform((text) => text.split(","))
    .prefault("Europe/Berlin"),
});

function outcomeOf(env: Record<string, string | undefined>): unknown {
  try {
    return loadConfig(schema, env);
  } catch (error) {
    return error;
  }
}

function mistakesOf(env: Record<string, string | undefined>): ConfigError {
  const outcome = outcomeOf(env);
  if (outcome instanceof ConfigError) return outcome;
  throw new Error("expected mistakes", { cause: outcome });
}

describe("loadConfig", () => {
  it("gives values of the schema's types, defaults where there is nothing", () => {
    expect(loadConfig(schema, { MESSNETZ_MQTT_PORT: "0", MESSNETZ_DEMO: "no", PATH: "/bin" })).toEqual({
      MESSNETZ_MQTT_HOST: "127.0.0.1",
      MESSNETZ_MQTT_PORT: 0,
      MESSNETZ_DEMO: false,
      MESSNETZ_ZONES: ["Europe/Berlin"],
    });
  });

  it("takes an empty variable for an absent one", () => {
    expect(loadConfig(schema, { MESSNETZ_MQTT_PORT: "", MESSNETZ_INFLUX_TOKEN: undefined }).MESSNETZ_MQTT_PORT).toBe(
      1883,
    );
  });

  it("hides user name and password of an address that does not fit", () => {
    const place = z.object({ MESSNETZ_PLACE_URL: z.url({ protocol: /^https$/ }) });
    const load = () => loadConfig(place, { MESSNETZ_PLACE_URL: "http://anna:ge@heim@example.org/" });
    expect(load).toThrow(/came "http:\/\/\[hidden\]@example.org\/"/);
    expect(load).not.toThrow(/heim|anna/);
  });

  it("tells every mistake at once: the variable, what was expected, what came", () => {
    const { message, mistakes } = mistakesOf({
      MESSNETZ_MQTT_PORT: "65536",
      MESSNETZ_DEMO: "perhaps",
      MESSNETZ_MQTT_HOTS: "x",
    });
    expect(mistakes.map(({ variable }) => variable)).toEqual([
      "MESSNETZ_MQTT_PORT",
      "MESSNETZ_DEMO",
      "MESSNETZ_MQTT_HOTS",
    ]);
    expect(message).toContain("3 mistakes");
    expect(message).toMatch(/MESSNETZ_MQTT_PORT: .*65535.*; came "65536"/);
    expect(message).toContain("is MESSNETZ_MQTT_HOST meant?");
  });

  it("guesses no name for a variable that is like none", () => {
    expect(mistakesOf({ MESSNETZ_QUITE_ANOTHER_THING: "1" }).message).not.toContain("meant");
  });

  it("tells what is wrong between variables", () => {
    const both = z
      .object({ MESSNETZ_TLS_CERT: z.string().optional(), MESSNETZ_TLS_KEY: z.string().optional() })
      .refine((config) => (config.MESSNETZ_TLS_CERT === undefined) === (config.MESSNETZ_TLS_KEY === undefined), {
        error: "MESSNETZ_TLS_CERT and MESSNETZ_TLS_KEY go together",
      });
    expect(() => loadConfig(both, { MESSNETZ_TLS_CERT: "a" })).toThrow(/CERT and MESSNETZ_TLS_KEY go together/);
  });

  it("does not mind the switch of the tests, which services started by them inherit", () => {
    expect(() => loadConfig(schema, { MESSNETZ_TRIALS: "full" })).not.toThrow();
  });

  it("never shows a secret, whether its name or its schema says that it is one", () => {
    const { message } = mistakesOf({
      MESSNETZ_INFLUX_TOKEN: "hunter2",
      MESSNETZ_TLS: "xy",
      MESSNETZ_INFLUX_TOKEM: "hunter3",
    });
    expect(message).toContain("a secret of 7 characters");
    expect(message).toContain("a secret of 2 characters");
    expect(message).not.toMatch(/hunter|"xy"/);
  });

  it("shows what its schema says is no secret, whatever its name ends in", () => {
    const counted = z.object({
      MESSNETZ_EXPORTS_PER_TOKEN: z.coerce.number().int().default(2).meta({ secret: false }).describe("How many."),
    });
    expect(() => loadConfig(counted, { MESSNETZ_EXPORTS_PER_TOKEN: "many" })).toThrow(/came "many"/);
    expect(describeConfig(counted)).toBe("# How many.\n# MESSNETZ_EXPORTS_PER_TOKEN=2\n");
  });

  it("fails in no other way, whatever the environment holds", () => {
    const names = fc.oneof(fc.constantFrom(...Object.keys(schema.shape)), fc.string(), fc.constant("__proto__"));
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), (env) => {
        const outcome = outcomeOf(env);
        expect(!(outcome instanceof Error) || outcome instanceof ConfigError).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("describeConfig", () => {
  it("writes each variable with its description and default, and no secret", () => {
    const required = z.object({ MESSNETZ_PLACE: z.string().describe("Where the town is.") });
    expect(describeConfig(required.extend(schema.shape))).toBe(
      [
        "# Where the town is.\nMESSNETZ_PLACE=",
        "# Address that the MQTT door listens on.\n# MESSNETZ_MQTT_HOST=127.0.0.1",
        "# Port of the MQTT door.\n# MESSNETZ_MQTT_PORT=1883",
        "# MESSNETZ_DEMO=true",
        "# Token of the database.\n# MESSNETZ_INFLUX_TOKEN=",
        "# Pass phrase.\n# Never shown.\n# MESSNETZ_TLS=",
        "# MESSNETZ_ZONES=Europe/Berlin\n",
      ].join("\n\n"),
    );
  });
});
