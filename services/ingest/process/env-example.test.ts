import { describeConfig } from "@messnetz/runtime";
import { expect, test } from "vitest";
import { ingestProcessConfigSchema } from "./config.ts";

test("services/ingest/.env.example is as the settings are: run the test with -u after a change", async () => {
  await expect(describeConfig(ingestProcessConfigSchema)).toMatchFileSnapshot("../.env.example");
});
