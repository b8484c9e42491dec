import type { IntakeMessage } from "@messnetz/model";
import type { LiveEvent } from "../live-queue.ts";
import type { Bus } from "../port.ts";
import { createJetStreamLiveFeed } from "./live-feed.ts";
import { declareObservationStream, type ObservationStreamOptions, safeDomain } from "./observation-stream.ts";
import { createPublication, type DeliveryLog, type Publication, type QuarantineKeeper } from "./publication.ts";

export interface JetStreamBusOptions extends ObservationStreamOptions {
  /** Name of this process, part of its message ids. */
  readonly instance: string;
  /** Domain of a message; what is no token of a subject becomes `other`. */
  readonly domainOf: (message: IntakeMessage) => string;
  readonly quarantine: QuarantineKeeper;
  readonly deliveries: DeliveryLog;
  readonly onEvent?: (event: LiveEvent) => void;
}

/**
 * The bus of the server constellation. `publish` resolves when all of the batch is in JetStream's file storage; it rejects with what
 * `publishDurably` and the adapters of quarantine and deliveries reject with, and the same batch may then be published again.
 */
export async function createJetStreamBus(options: JetStreamBusOptions): Promise<Bus> {
  const { link, instance, quarantine, deliveries } = options;
  await declareObservationStream(options);
  const live = createJetStreamLiveFeed(options);
  /** By the list of messages, which stays the same over the tries of a batch. */
  const publications = new WeakMap<readonly IntakeMessage[], Publication>();
  const domainOf = (message: IntakeMessage): string => safeDomain(options.domainOf(message));

  return {
    async publish(batch) {
      let publication = publications.get(batch.messages);
      if (publication === undefined) {
        publication = createPublication({
          link,
          instance,
          domainOf,
          quarantine,
          deliveries,
          onStored: live.noteStored,
        });
        publications.set(batch.messages, publication);
      }
      const result = await publication.run(batch);
      publications.delete(batch.messages);
      return result;
    },
    listen: live.listen,
    close: live.close,
  };
}
