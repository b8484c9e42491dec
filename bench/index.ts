export { createLoad, deviceName, type LoadOptions, senmlMessage, tagBase } from "./messages.ts";
export { createPublisher, type NextMessage, type PublisherOptions } from "./publisher.ts";
