import { type DemoAccess, describeTrying } from "@messnetz/simulator";
import type { Town } from "./town.ts";

/** What a person needs to know when a town has started. */
export function describeTown(about: { town: Town; dataDirectory: string; demo: DemoAccess | undefined }): string {
  const { town, dataDirectory, demo } = about;
  const { host, port } = town.door.address();
  // Described once it listens.
  const url = town.api.address ?? "";
  const lines = [
    "",
    demo === undefined
      ? "Messnetz is running."
      : "Messnetz is running with a demo town: what you see is simulated, not measured.",
    "",
    `  MQTT   mqtt://${host}:${port}     devices publish here; a PUBACK means stored`,
    `  API    ${url}     documentation at ${url}/docs`,
    `  data   ${dataDirectory}`,
    "",
  ];
  if (demo === undefined) {
    lines.push(
      "To let a device in, make a credential with the administrator's token (the password comes back once):",
      "",
      `  curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" ${url}/api/v1/credentials \\`,
      `    -d '{"id":"gauges","operator":"waterworks","topics":["gauges/#"]}'`,
      "",
      "A whole town comes from a file: npm start -- --no-demo --import examples/town.yaml",
    );
    return lines.join("\n");
  }
  lines.push(
    ...describeTrying(demo, { door: new URL(`mqtt://${host}:${port}`), api: url }),
    "For real use: npm start -- --no-demo. End with Ctrl-C.",
    "",
  );
  return lines.join("\n");
}
