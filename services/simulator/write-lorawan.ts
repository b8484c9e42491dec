import type { Measured, Writer } from "./emission.ts";

/** A LoRaWAN device as its network server knows it. */
export interface LorawanNode {
  /** 16 hexadecimal digits. */
  readonly eui: string;
  /** Name at the network server: lower case letters, digits, `-`. */
  readonly name: string;
  readonly application: string;
  /** `<brand>/<model>`: the device repository's ids, or the device profile's name. */
  readonly model: { readonly brand: string; readonly name: string };
  readonly port: number;
  /** Of the gateway that hears it best, in dBm; it varies by a few. */
  readonly rssi: number;
}

/** The Things Stack v3: an `up` message with the codec's object in `decoded_payload`. */
export function thingsStackWriter(node: LorawanNode): Writer {
  const topic = `v3/${node.application}@beispielstadt/devices/${node.name}/up`;
  return (measured, { clock, count }) => {
    const received = nanoseconds(clock);
    const { rssi, snr } = signalOf(node, count);
    const payload = {
      end_device_ids: {
        device_id: node.name,
        application_ids: { application_id: node.application },
        dev_eui: node.eui.toUpperCase(),
        dev_addr: node.eui.slice(-8).toUpperCase(),
      },
      received_at: nanoseconds(clock + 210),
      uplink_message: {
        session_key_id: `AZ${node.eui.slice(-10)}`,
        f_port: node.port,
        // Protobuf's JSON leaves out a 0.
        ...(count > 0 && { f_cnt: count }),
        frm_payload: Buffer.from(`${node.eui}${count}`).toString("base64"),
        decoded_payload: objectOf(measured),
        rx_metadata: [{ gateway_ids: { gateway_id: "rathaus" }, rssi, snr, channel_rssi: rssi }],
        settings: { data_rate: { lora: { bandwidth: 125_000, spreading_factor: 9 } }, frequency: "868100000" },
        received_at: received,
        version_ids: { brand_id: node.model.brand, model_id: node.model.name },
        network_ids: { net_id: "000013", tenant_id: "beispielstadt" },
      },
    };
    return { topic, payload: JSON.stringify(payload), time: clock };
  };
}

/** ChirpStack v4: an `up` event with the codec's `object`. */
export function chirpstackWriter(node: LorawanNode): Writer {
  const topic = `application/${node.application}/device/${node.eui}/event/up`;
  return (measured, { clock, count }) => {
    const { rssi, snr } = signalOf(node, count);
    const payload = {
      deduplicationId: uuidOf(node.eui, count),
      time: nanoseconds(clock).replace("Z", "+00:00"),
      deviceInfo: {
        tenantName: "Beispielstadt",
        applicationId: node.application,
        deviceProfileName: `${node.model.brand} ${node.model.name}`,
        deviceName: node.name,
        devEui: node.eui,
      },
      devAddr: node.eui.slice(-8),
      adr: true,
      dr: 3,
      ...(count > 0 && { fCnt: count }),
      fPort: node.port,
      confirmed: false,
      data: Buffer.from(`${node.eui}${count}`).toString("base64"),
      object: objectOf(measured),
      rxInfo: [{ gatewayId: "0016c001f1500812", rssi, snr, crcStatus: "CRC_OK" }],
      txInfo: { frequency: 868_300_000, modulation: { lora: { bandwidth: 125_000, spreadingFactor: 9 } } },
    };
    return { topic, payload: JSON.stringify(payload), time: clock };
  };
}

function objectOf(measured: readonly Measured[]): Record<string, unknown> {
  return Object.fromEntries(measured.map(({ word, value }) => [word, value]));
}

/** Network servers write nine digits; what is below a millisecond is made up. */
function nanoseconds(at: number): string {
  return new Date(at).toISOString().replace("Z", "417203Z");
}

function signalOf({ rssi }: LorawanNode, count: number): { rssi: number; snr: number } {
  const fading = (count * 7) % 11;
  return { rssi: rssi - fading, snr: (rssi - fading + 118) / 4 };
}

function uuidOf(eui: string, count: number): string {
  const tail = count.toString(16).padStart(12, "0").slice(-12);
  return `${eui.slice(0, 8)}-${eui.slice(8, 12)}-4${eui.slice(13, 16)}-8000-${tail}`;
}
