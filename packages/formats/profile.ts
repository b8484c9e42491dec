/** Placeholder shape: what a device model's decoded fields mean. */
export interface DeviceProfile {
  readonly name: string;
}
