import type { DeviceAndThing } from "@messnetz/model";
import { normaliseDeviceId } from "./device-id.ts";
import type { DocumentChange, DocumentStorage, Kind, News } from "./documents.ts";
import { createDraft, type Draft } from "./draft.ts";
import { adoptInto } from "./rules.ts";
import { change, checkChanges, type State, toState } from "./state.ts";

/** The state in memory and its way to the storage. */
export interface Journal {
  readonly state: State;
  /** Another number after every change of the state, whoever made it. */
  readonly version: number;
  /** One edit after the other. The answer comes when its changes, and every adoption before it, are durable and seen by reads. */
  write<T>(edit: (draft: Draft) => T): Promise<T>;
  /** At once in memory, durable with the next write. Gives back what belongs to another operator, or is one device too many. */
  adopt(list: readonly DeviceAndThing[]): readonly DeviceAndThing[];
  /** At once in memory, durable with the next write; without a body it is forgotten. `version` stays: nothing that was concluded changes. */
  remember(changes: readonly DocumentChange[]): void;
  flush(): Promise<void>;
}

/**
 * No town has so many. A credential with an adoption rule that invents devices fills neither memory nor disk beyond them; who registers
 * devices by hand or by import may go on.
 */
const maxDevicesByAdoption = 200_000;

export async function createJournal(storage: DocumentStorage, maxDevices = maxDevicesByAdoption): Promise<Journal> {
  let state = toState(await storage.load());
  let version = 1;
  /** Adopted and seen by reads, but not yet durable. */
  let pending: readonly DeviceAndThing[] = [];
  /** The documents of the state that only pending adoptions put there. */
  const unsaved = new Map<string, { readonly kind: Kind; readonly id: string }>();
  /** Remembered by formats and not yet durable: the last change of each document, by its id. */
  const memories = new Map<string, DocumentChange>();
  /** While a write is on its way: what others wrote meanwhile. It comes after ours, or ours is decided anew. */
  let held: (() => void)[] | undefined;
  let lastWrite: Promise<unknown> = Promise.resolve();

  function take(changes: readonly DocumentChange[]): void {
    if (changes.length === 0) return;
    change(state, changes);
    version++;
  }

  function adopt(list: readonly DeviceAndThing[]): readonly DeviceAndThing[] {
    const draft = createDraft(state);
    let room = maxDevices - state.device.size;
    const givenBack = list.filter((each) => {
      const isNew = !state.device.has(normaliseDeviceId(each.device.id));
      if (isNew && room <= 0) return true;
      if (!adoptInto(draft, each)) return true;
      if (isNew) room--;
      return false;
    });
    const changes = draft.changes();
    for (const { kind, id } of changes) unsaved.set(`${kind} ${id}`, { kind, id });
    take(changes);
    return givenBack;
  }

  /** What is durable stands, and what we adopted meanwhile is adopted again on top of it where it still may be. */
  function rebase(onto: () => void): void {
    for (const { kind, id } of unsaved.values()) state[kind].delete(id);
    unsaved.clear();
    onto();
    pending = pending.filter(({ thing }) => state.operator.has(thing.operator));
    const foreign = new Set(adopt(pending));
    pending = pending.filter((each) => !foreign.has(each));
    change(state, [...memories.values()]);
  }

  /** Checks what others wrote; gives how to take it. */
  function prepare(news: News): () => void {
    if (news.kind === "everything") {
      const current = toState(news.documents);
      return () => {
        rebase(() => (state = current));
        version++;
      };
    }
    const changes = checkChanges(news.changes);
    return () => rebase(() => take(changes));
  }

  function follow(news: News): void {
    const takeIt = prepare(news);
    if (held === undefined) takeIt();
    else held.push(takeIt);
  }

  function takeHeld(): void {
    const list = held ?? [];
    held = undefined;
    for (const takeIt of list) takeIt();
  }

  async function write<T>(edit: (draft: Draft) => T): Promise<T> {
    const turn = lastWrite.then(async () => {
      let answer: { readonly value: T } | undefined;
      let changes: readonly DocumentChange[] = [];
      let saved: readonly DocumentChange[] = [];
      let adopted: ReadonlySet<DeviceAndThing> = new Set();
      let remembered: readonly DocumentChange[] = [];
      try {
        await storage.write((news) => {
          takeHeld();
          if (news !== undefined) prepare(news)();
          const draft = createDraft(state);
          answer = { value: edit(draft) };
          changes = draft.changes();
          adopted = new Set(pending);
          saved = [...unsaved.values()].map(({ kind, id }) => ({
            kind,
            id,
            body: JSON.stringify(state[kind].get(id)),
          }));
          remembered = [...memories.values()];
          held = [];
          return [...saved, ...remembered, ...changes];
        });
        pending = pending.filter((each) => !adopted.has(each));
        for (const { kind, id } of [...saved, ...changes]) unsaved.delete(`${kind} ${id}`);
        for (const each of remembered) if (memories.get(each.id) === each) memories.delete(each.id);
        // What was adopted during the write may have lost its thing to it.
        rebase(() => take(changes));
      } finally {
        takeHeld();
      }
      return answer!.value;
    });
    lastWrite = turn.catch(() => undefined);
    return turn;
  }

  storage.follow(follow);
  return {
    get state() {
      return state;
    },
    get version() {
      return version;
    },
    write,
    adopt(list) {
      const before = version;
      const foreign = adopt(list);
      if (version !== before) pending = [...pending, ...list.filter((each) => !foreign.includes(each))];
      return foreign;
    },
    remember(changes) {
      for (const each of changes) memories.set(each.id, each);
      change(state, changes);
    },
    async flush() {
      if (pending.length > 0 || memories.size > 0) await write(() => undefined);
      else await lastWrite;
    },
  };
}
