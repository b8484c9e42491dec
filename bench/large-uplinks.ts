import type { FormatExample } from "@messnetz/formats";

/** A message as network servers send it, 2 to 3 KB: three gateways have heard it, and each says all that it knows. */
export interface LargeUplink {
  readonly name: string;
  readonly of: string;
  /** Of the format's first example, which is short, and the same otherwise. */
  enlarge(example: FormatExample): FormatExample;
}

const gateways = [1, 2, 3];

export const largeUplinks: readonly LargeUplink[] = [
  {
    name: "things-stack-v3, large",
    of: "things-stack-v3",
    enlarge(example) {
      const payload = example.payload as { readonly uplink_message: object };
      const up = {
        ...payload.uplink_message,
        rx_metadata: gateways.map(thingsStackGateway),
        settings: {
          data_rate: { lora: { bandwidth: 125_000, spreading_factor: 9, coding_rate: "4/5" } },
          frequency: "867100000",
          timestamp: 2_463_457_884,
          time: "2026-03-29T00:59:59.023Z",
        },
        consumed_airtime: "0.205824s",
        network_ids: {
          net_id: "000013",
          ns_id: "EC656E0000000181",
          tenant_id: "town",
          cluster_id: "eu1",
          cluster_address: "eu1.cloud.thethings.network",
        },
      };
      const correlation_ids = ["as:up", "gs:conn", "gs:up:host", "gs:uplink", "ns:uplink", "rpc:/ttn.lorawan.v3"].map(
        (id, at) => `${id}:01KMW${String(at).repeat(21)}`,
      );
      return { ...example, payload: { ...payload, correlation_ids, uplink_message: up } };
    },
  },
  {
    name: "chirpstack-v4, large",
    of: "chirpstack-v4",
    enlarge(example) {
      const payload = example.payload as { readonly deviceInfo: object };
      const deviceInfo = {
        tenantId: "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        tenantName: "Town",
        applicationId: "0f2d4b7e-7a3c-4be1-8a52-0d7a4f3e9b10",
        applicationName: "waterworks",
        deviceProfileId: "605d08d4-65f5-4d2c-8a5a-3d2457662f79",
        deviceClassEnabled: "CLASS_A",
        tags: { street: "Mill Lane", pressureZone: "3" },
        ...payload.deviceInfo,
      };
      const more = {
        devAddr: "00189440",
        adr: true,
        dr: 3,
        fCnt: 4_711,
        confirmed: false,
        txInfo: {
          frequency: 868_100_000,
          modulation: { lora: { bandwidth: 125_000, spreadingFactor: 9, codeRate: "CR_4_5" } },
        },
        regionConfigId: "eu868",
      };
      return { ...example, payload: { ...payload, ...more, deviceInfo, rxInfo: gateways.map(chirpstackGateway) } };
    },
  },
];

function thingsStackGateway(at: number): object {
  return {
    gateway_ids: { gateway_id: `town-roof-${at}`, eui: `B827EBFFFE00000${at}` },
    time: "2026-03-29T00:59:59.023456Z",
    timestamp: 2_463_457_000 + at,
    rssi: -96 - at,
    channel_rssi: -96 - at,
    snr: 7.25 - at,
    frequency_offset: "-1423",
    location: { latitude: 52.5 + at / 100, longitude: 13.4, altitude: 30 + at, source: "SOURCE_REGISTRY" },
    uplink_token: Buffer.from(`a gateway's own token, as long as they are: ${"x".repeat(60)}${at}`).toString("base64"),
    channel_index: at,
    gps_time: "2026-03-29T00:59:59.023456Z",
    received_at: "2026-03-29T00:59:59.061Z",
  };
}

function chirpstackGateway(at: number): object {
  return {
    gatewayId: `b827ebfffe00000${at}`,
    uplinkId: 2_463_457_000 + at,
    gwTime: "2026-03-29T00:59:59.023456+00:00",
    nsTime: "2026-03-29T00:59:59.061234+00:00",
    timeSinceGpsEpoch: "1458781217.023s",
    rssi: -96 - at,
    snr: 7.25 - at,
    channel: at,
    rfChain: 1,
    board: 131,
    location: { latitude: 52.5 + at / 100, longitude: 13.4, altitude: 30 + at },
    context: "ktrMnA==",
    metadata: {
      network: "helium_iot",
      regi: "EU868",
      gateway_h3index: "8c1f18a6b5d2dff",
      gateway_name: `loud-green-heron-${at}`,
      gateway_id: `112abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJK${at}`,
      region_config_id: "eu868",
      region_common_name: "EU868",
    },
    crcStatus: "CRC_OK",
  };
}
