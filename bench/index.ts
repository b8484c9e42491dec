export { queryInflux } from "./influx-database.ts";
export { createLoad, deviceName, type LoadOptions, tagBase } from "./messages.ts";
export { type Entrance, openRegionRoad, type RegionRoad, type RegionRoadOptions } from "./open-region-road.ts";
export { createPublisher, type LoadMessage, type NextMessage, type PublisherOptions } from "./publisher.ts";
export { countStored, readStored } from "./stored-messages.ts";
export { startTownProcess, type TownAddresses, type TownProcess } from "./town-process.ts";
export { prepareTown, type TrialAccess } from "./trial-access.ts";
export { startTrialDevices, type TrialDevices } from "./trial-devices.ts";
