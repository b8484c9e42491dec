import { matchesTopic } from "@messnetz/pipeline";
import type { MqttClient } from "mqtt";
import type { BridgeEvents } from "./bridge-events.ts";
import type { BrokerSession } from "./bridge-file-schema.ts";
import { readShare } from "./filter-overlap.ts";

export interface Subscription {
  /** After CONNACK, each time: the file may have changed since the session began. */
  begin(): void;
  /** Asks again for what was refused. */
  look(now: number): void;
  /** Undefined: all is granted. */
  trouble(): string | undefined;
  /** Whether one of the session's filters matches; else an earlier subscription of the session does. */
  expects(topic: string): boolean;
}

const askAgainMs = 60_000;
/** Longer ones are few, where they are honest. */
const maxRememberedUnits = 512;
/** Topics remembered; a source that invents topics only loses the memory. */
const maxRemembered = 4096;
/** MQTT 5.0, 3.8.3.1, retain handling: never, and only where the subscription is new. */
const retainHandling = { ignore: 2, take: 1 } as const;

/**
 * The topics of one session on one connection. QoS 1: of QoS 2 mqtt.js, and a restart of ours, would keep packet ids only in memory.
 * `end` ends the connection.
 */
export function createSubscription(options: {
  readonly mqtt: MqttClient;
  readonly session: BrokerSession;
  readonly events: BridgeEvents;
  readonly answerWithinMs: number;
  readonly now: () => number;
  readonly end: (why: string) => void;
}): Subscription {
  const { mqtt, session, events, now } = options;
  const filters = session.topics.map((topic) => readShare(topic).filter);
  const known = new Map<string, boolean>();
  let waitingSince: number | undefined;
  let askedAt = 0;
  let refused: readonly string[] = [];
  let isGranted = false;

  function ask(topics: readonly string[]): void {
    askedAt = now();
    waitingSince = askedAt;
    const wish = { qos: 1, nl: false, rap: false, rh: retainHandling[session.retained] } as const;
    mqtt.subscribe([...topics], wish, (error, _granted, answer) => {
      if (answer === undefined) return;
      waitingSince = undefined;
      const codes = answer.granted.map(Number);
      if (codes.length !== topics.length) return options.end(String(error));
      isGranted = true;
      refused = topics.filter((_, at) => codes[at]! >= 0x80);
      if (refused.length > 0) events.subscriptionRefused(session.name, refused);
      const weak = topics.filter((_, at) => codes[at] === 0);
      if (weak.length > 0) events.weakSubscription(session.name, weak);
      if (refused.length === 0) events.subscribed(session.name, session.topics);
    });
  }

  return {
    begin() {
      if (session.unsubscribe.length > 0) mqtt.unsubscribe([...session.unsubscribe]);
      ask(session.topics);
    },
    look(at) {
      if (waitingSince !== undefined && at - waitingSince > options.answerWithinMs)
        return options.end(`no SUBACK within ${options.answerWithinMs} ms`);
      if (refused.length > 0 && waitingSince === undefined && at - askedAt > askAgainMs) ask(refused);
    },
    trouble() {
      if (!isGranted) return "the broker has not granted the subscription yet";
      return refused.length === 0 ? undefined : `the broker refuses ${refused.join(", ")}`;
    },
    expects(topic) {
      let isExpected = known.get(topic);
      if (isExpected === undefined) {
        isExpected = filters.some((filter) => matchesTopic(filter, topic));
        if (topic.length > maxRememberedUnits) return isExpected;
        if (known.size >= maxRemembered) known.clear();
        known.set(topic, isExpected);
      }
      return isExpected;
    },
  };
}
