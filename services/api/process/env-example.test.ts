import { describeConfig } from "@messnetz/runtime";
import { expect, test } from "vitest";
import { apiProcessConfigSchema } from "./config.ts";

test("services/api/.env.example is as the settings are: run the test with -u after a change", async () => {
  await expect(describeConfig(apiProcessConfigSchema)).toMatchFileSnapshot("../.env.example");
});
