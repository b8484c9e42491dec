export { createLoad, deviceName, type LoadOptions, tagBase } from "./messages.ts";
export { createPublisher, type LoadMessage, type NextMessage, type PublisherOptions } from "./publisher.ts";
export { startTownProcess, type TownAddresses, type TownProcess } from "./town-process.ts";
export { prepareTown, type TrialAccess } from "./trial-access.ts";
