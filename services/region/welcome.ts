import { type DemoAccess, describeTrying } from "@messnetz/simulator";
import type { Programs } from "./programs.ts";
import type { Region } from "./region-options.ts";

/** What a person needs to know when a region has started. */
export function describeRegion(about: {
  readonly region: Region;
  readonly programs: Programs;
  readonly dataDirectory: string;
  readonly demo: DemoAccess | undefined;
}): string {
  const { region, programs, dataDirectory, demo } = about;
  const { url } = region;
  const [firstSector = "", firstDoor = ""] = [...region.doors][0] ?? [];
  const doors = [...region.doors].map(
    ([sector, door]) => `    ${sector.padEnd(9)} ${door}   ${region.httpDoors.get(sector)}/api/v1/messages/`,
  );
  const lines = [
    "",
    demo === undefined
      ? "Messnetz is running on servers."
      : "Messnetz is running on servers with a demo town: what you see is simulated, not measured.",
    "",
    "  Doors, one for each sector's ingest service; a PUBACK, or a 200, means stored:",
    ...doors,
    `  Mosquitto    ${region.mosquitto.url}     for networks that have a broker; each ingest service has a session there`,
    `  API          ${url}     documentation at ${url}/docs`,
    `  behind them  mosquitto ${programs.mosquitto.version}, nats-server ${programs.nats.version}, influxd ${programs.influxd.version}, ${region.parts.length} processes in all`,
    `  data         ${dataDirectory}     secrets in secrets/, what each process says in logs/`,
    "",
  ];
  if (demo === undefined) {
    const { username } = region.mosquitto.account(firstSector);
    lines.push(
      "To let a device in, make a credential with the administrator's token (the password comes back once):",
      "",
      `  curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" ${url}/api/v1/credentials \\`,
      `    -d '{"id":"gauges","operator":"waterworks","topics":["gauges/#"]}'`,
      "",
      `What comes by Mosquitto below ${firstSector}/ (user ${username}, password in secrets/mosquitto-${username}) is the credential mosquitto-${firstSector}'s,`,
      "and so for each sector: make these credentials too.",
      "",
      "A whole town comes from a file: npm run start:servers -- --no-demo --import examples/town.yaml",
    );
    return lines.join("\n");
  }
  lines.push(
    ...describeTrying(demo, { door: new URL(region.doors.get("water") ?? firstDoor), api: url }),
    `Kill a part and see it come back: kill -9 ${region.parts.find(({ name }) => name === "writer")?.pid ?? "<pid>"} is the writer.`,
    "",
    "For real use: npm run start:servers -- --no-demo. End with Ctrl-C.",
    "",
  );
  return lines.join("\n");
}
