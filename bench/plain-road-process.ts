import process from "node:process";
import { InfluxDB, Point } from "@influxdata/influxdb-client";
import { connect } from "mqtt";

/**
 * The road as many people write it, to be set beside ours: `mqtt` acknowledges by itself, `JSON.parse`, one `Point` for each reading, and
 * the `WriteApi` of InfluxDB's client as it comes. Kinder than most: it subscribes with QoS 1 and keeps its session at the broker.
 */
interface SenmlRecord {
  readonly bn?: string;
  readonly n: string;
  readonly u: string;
  readonly t: number;
  readonly v: number;
}

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`expected the variable ${name}`);
  return value;
};

const client = connect(setting("BROKER"), { clientId: "plain-road", clean: false });
const database = new InfluxDB({ url: setting("INFLUX_URL"), token: setting("INFLUX_TOKEN") });
const writeApi = database.getWriteApi(setting("INFLUX_ORG"), setting("INFLUX_BUCKET"), "ms");
if (process.env["INFLUX_PATH"] !== undefined) writeApi.path = process.env["INFLUX_PATH"];

client.on("message", (_topic, payload) => {
  let device = "";
  for (const record of JSON.parse(payload.toString()) as SenmlRecord[]) {
    device = record.bn ?? device;
    const point = new Point(record.n).tag("device", device).tag("unit", record.u);
    writeApi.writePoint(point.floatField("value", record.v).timestamp(new Date(record.t * 1000)));
  }
});
client.on("connect", () => {
  client.subscribe("load/#", { qos: 1 }, (error) => {
    console.log(error === null ? "subscribed" : error.message);
  });
});
process.once("SIGTERM", () => {
  client.end(false, () => {
    writeApi.close().then(
      () => console.log("closed"),
      (error: unknown) => console.error(error),
    );
  });
});
