/** MQTT 5.0, 2.4. */
export const reason = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  badAuthenticationMethod: 0x8c,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicNameInvalid: 0x90,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  administrativeAction: 0x98,
} as const;
export type ReasonCode = (typeof reason)[keyof typeof reason];

/** MQTT 3.1.1, 3.2.2.3: the CONNACK return code for a refusal. */
export function returnCode(code: ReasonCode): number {
  switch (code) {
    case reason.unsupportedProtocolVersion:
      return 1;
    case reason.clientIdNotValid:
      return 2;
    case reason.serverUnavailable:
      return 3;
    case reason.badUserNameOrPassword:
      return 4;
    default:
      return 5;
  }
}
