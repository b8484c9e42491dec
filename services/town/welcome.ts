import type { DemoAccess } from "./demo.ts";
import type { Town } from "./town.ts";

/** What a person needs to know when a town has started. */
export function describeTown(about: { town: Town; dataDirectory: string; demo: DemoAccess | undefined }): string {
  const { town, dataDirectory, demo } = about;
  const { host, port } = town.door.address();
  const url = town.api.address;
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
    "Try it. All stations of a domain with their newest values:",
    "",
    `  curl -H "Authorization: Bearer ${demo.token}" "${url}/api/v1/latest?domain=water"`,
    "",
    `Be a device (user ${demo.username}, password ${demo.secret}), and see what came of it:`,
    "",
    `  mosquitto_pub -h ${host} -p ${port} -q 1 -i try -u ${demo.username} -P ${demo.secret} -t ${demo.topic} \\`,
    `    -m '[{"bn":"${demo.device}:","n":"water_level","u":"m","v":1.23}]'`,
    "",
    `  curl -H "Authorization: Bearer ${demo.token}" "${url}/api/v1/latest?thing=${demo.thing}"`,
    "",
    "For real use: npm start -- --no-demo. End with Ctrl-C.",
    "",
  );
  return lines.join("\n");
}
