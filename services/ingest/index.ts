export type { Sender } from "./batch.ts";
export { assertSafeDoor } from "./binding.ts";
export { type IngestConfig, ingestConfigSchema } from "./config.ts";
export { createDoor, type Door, type DoorOptions } from "./door.ts";
export type { Authenticator } from "./entry.ts";
export { createEvents, type IngestEvents, tellGauges } from "./events.ts";
export { createIntake } from "./intake.ts";
export type { Arrival, Intake, IntakeOptions, IntakeState, IntakeWatcher } from "./intake-port.ts";
