import type { DeviceAndThing } from "@messnetz/model";
import { normaliseDeviceId } from "./device-id.ts";
import type { DocumentChange, DocumentStorage, StoredDocument } from "./documents.ts";
import { createDraft, type Draft } from "./draft.ts";
import { adoptInto } from "./rules.ts";
import { change, type State, toState } from "./state.ts";

/** The state in memory and its way to the storage. */
export interface Journal {
  readonly state: State;
  /** Another number after every change of the state, whoever made it. */
  readonly version: number;
  /** One edit after the other. The answer comes when its changes, and every adoption before it, are durable and seen by reads. */
  write<T>(edit: (draft: Draft) => T): Promise<T>;
  /** At once in memory, durable with the next write. Gives back what belongs to another operator, or is one device too many. */
  adopt(list: readonly DeviceAndThing[]): readonly DeviceAndThing[];
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
    take(draft.changes());
    return givenBack;
  }

  /** Another process has written: its word stands, and what we adopted meanwhile is adopted again where it still may be. */
  function takeForeign(documents: readonly StoredDocument[]): void {
    state = toState(documents);
    version++;
    const foreign = adopt(pending);
    pending = pending.filter((each) => !foreign.includes(each));
  }

  function pendingChanges(list: readonly DeviceAndThing[]): readonly DocumentChange[] {
    return list.flatMap(({ device, thing }) => {
      const id = normaliseDeviceId(device.id);
      return [...documentOf("thing", thing.id), ...documentOf("device", id)];
    });
  }

  function documentOf(kind: "thing" | "device", id: string): readonly DocumentChange[] {
    const document = state[kind].get(id);
    return document === undefined ? [] : [{ kind, id, body: JSON.stringify(document) }];
  }

  async function write<T>(edit: (draft: Draft) => T): Promise<T> {
    const turn = lastWrite.then(async () => {
      let answer: { readonly value: T } | undefined;
      let changes: readonly DocumentChange[] = [];
      let adopted: readonly DeviceAndThing[] = [];
      await storage.write((foreign) => {
        if (foreign !== undefined) takeForeign(foreign);
        const draft = createDraft(state);
        answer = { value: edit(draft) };
        changes = draft.changes();
        adopted = pending;
        return [...pendingChanges(adopted), ...changes];
      });
      pending = pending.filter((each) => !adopted.includes(each));
      take(changes);
      adopt(pending); // what was adopted during the write may have lost its thing to it
      return answer!.value;
    });
    lastWrite = turn.catch(() => undefined);
    return turn;
  }

  storage.follow(takeForeign);
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
    async flush() {
      if (pending.length > 0) await write(() => undefined);
      else await lastWrite;
    },
  };
}
