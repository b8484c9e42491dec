/** Types of control packets (MQTT 5.0, 2.1.2). */
export const packetKind = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrel: 6,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;
