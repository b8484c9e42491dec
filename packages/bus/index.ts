export { createDirectBus, type Committing, type DirectBusOptions } from "./direct.ts";
export { ackWaitMs } from "./jetstream/delivery.ts";
export { decodeBusMessage, type BadElement, type DecodedBusMessage } from "./jetstream/decode-bus-message.ts";
export { createJetStreamBus, type JetStreamBusOptions } from "./jetstream/jetstream-bus.ts";
export { followNewest } from "./jetstream/follow-newest.ts";
export { createJetStreamLiveFeed, type JetStreamLiveFeed } from "./jetstream/live-feed.ts";
export { declareObservationStream, otherDomain, quarantinePartition } from "./jetstream/observation-stream.ts";
export type { DeliveryLog, QuarantineKeeper } from "./jetstream/publication.ts";
export { isSettledTo, lastPublished, purgeTo } from "./jetstream/settled-to.ts";
export { StreamReplacedError } from "./jetstream/stream-lineage.ts";
export {
  createSubscription,
  type BusMessage,
  type Subscription,
  type SubscriptionEvent,
  type SubscriptionOptions,
} from "./jetstream/subscription.ts";
export type { LiveEvent } from "./live-queue.ts";
export * from "./port.ts";
