export { createLoad, deviceName, type LoadOptions, tagBase } from "./messages.ts";
export { createPublisher, type LoadMessage, type NextMessage, type PublisherOptions } from "./publisher.ts";
