import { describeConfig } from "@messnetz/runtime";
import { expect, it } from "vitest";
import { regionConfigSchema } from "./config.ts";

it("keeps .env.example as the settings are: run the test with -u after a change", async () => {
  await expect(describeConfig(regionConfigSchema)).toMatchFileSnapshot("./.env.example");
});
