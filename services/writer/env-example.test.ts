import { describeConfig } from "@messnetz/runtime";
import { expect, test } from "vitest";
import { writerConfigSchema } from "./config.ts";

test("services/writer/.env.example is as the settings are: run the test with -u after a change", async () => {
  await expect(describeConfig(writerConfigSchema)).toMatchFileSnapshot(".env.example");
});
