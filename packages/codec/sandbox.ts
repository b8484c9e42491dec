import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSHandle } from "quickjs-emscripten-core";
import { limits, stepsPerLook } from "./limits.ts";
import { findEntry, prelude } from "./prelude.ts";
import { createMemoryCopier, type EngineMemory, type MemoryCopy } from "./memory-copier.ts";

/** What a codec is given. */
export interface CodecInput {
  readonly bytes: readonly number[];
  readonly port: number;
  /** Time of receipt, epoch milliseconds. */
  readonly time: number;
}

/** JSON of the codec's output; or why there is none, and whether it was stopped. */
export type CodecOutput = { readonly json: string } | { readonly failed: string; readonly stopped: boolean };

/** A codec that has been read: the state of the engine right after it. */
export interface LoadedCodec {
  readonly kind: QuickJSHandle;
  readonly entry: QuickJSHandle;
  readonly memory: MemoryCopy;
}

/** One engine. A method that throws leaves it broken: it is to be thrown away. */
export interface Sandbox {
  load(source: string): LoadedCodec | { readonly failed: string; readonly stopped: boolean };
  /** `input`: JSON of a `CodecInput`. */
  run(codec: LoadedCodec, input: string): CodecOutput;
}

/**
 * QuickJS in WebAssembly. All of its state is its memory: it is set back before every call to what it was after the codec was read, so
 * nothing that one message leaves behind is there for the next one, of the same device or another. That costs 7 µs; a new context would
 * cost 300 µs and reading the codec again milliseconds.
 */
export async function createSandbox(): Promise<Sandbox> {
  const engine = await newQuickJSWASMModuleFromVariant(import("@jitl/quickjs-wasmfile-release-sync"));
  const runtime = engine.newRuntime();
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  const watch = createWatch();
  const context = runtime.newContext();
  const call = context.unwrapResult(context.evalCode(prelude, "prelude.js", { type: "global" }));
  runtime.setInterruptHandler(() => watch.isOver());
  const memory = createMemoryCopier(engine.getWasmMemory() as EngineMemory);
  const empty = memory.copy(usedBytes());

  function usedBytes(): number {
    const usage = runtime.computeMemoryUsage();
    return context.getNumber(context.getProp(usage, "memory_used_size"));
  }

  function failure(error: QuickJSHandle): { readonly failed: string; readonly stopped: boolean } {
    const told = tellError(context, error);
    const stopped =
      watch.isExhausted() || told === "InternalError: out of memory" || told === "InternalError: stack overflow";
    return { failed: watch.isExhausted() ? `it took more than ${watch.told()}` : told, stopped };
  }

  return {
    load(source) {
      memory.clear(empty);
      watch.start(limits.loadCpuMs, limits.loadSteps);
      const read = context.evalCode(source, "codec.js", { type: "global" });
      if (read.error !== undefined) return failure(read.error);
      const found = context.evalCode(findEntry, "entry.js", { type: "global" });
      if (found.error !== undefined) return failure(found.error);
      const kind = context.getProp(found.value, 0);
      const entry = context.getProp(found.value, 1);
      return { kind, entry, memory: memory.copy(usedBytes()) };
    },
    run(codec, input) {
      memory.setBack(codec.memory);
      watch.start(limits.cpuMs, limits.steps);
      const text = context.newString(input);
      const characters = context.newNumber(limits.outputCharacters);
      const result = context.callFunction(call, context.undefined, codec.kind, codec.entry, text, characters);
      return result.error === undefined ? { json: context.getString(result.value) } : failure(result.error);
    },
  };
}

const maxToldCharacters = 160;

/** Made of the error's own texts alone, cut: what a codec throws may be anything. */
function tellError(context: QuickJSContext, error: QuickJSHandle): string {
  const text = (name: string) => {
    const value = context.getProp(error, name);
    return context.typeof(value) === "string" ? context.getString(value).slice(0, maxToldCharacters) : "";
  };
  if (context.typeof(error) === "string") return context.getString(error).slice(0, maxToldCharacters);
  const told = context.typeof(error) === "object" ? `${text("name")}: ${text("message")}` : ": ";
  return told === ": " ? "it threw what is no error" : told;
}

/** Counts what a codec takes. */
function createWatch() {
  let begin = 0;
  let mostCpuMs = 0;
  let mostSteps = 0;
  let steps = 0;
  let exhausted: "time" | "steps" | undefined;
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  return {
    start(forCpuMs: number, forSteps: number) {
      begin = cpuMs();
      mostCpuMs = forCpuMs;
      mostSteps = forSteps;
      steps = 0;
      exhausted = undefined;
    },
    isOver(): boolean {
      steps += stepsPerLook;
      if (steps > mostSteps) exhausted = "steps";
      else if (cpuMs() - begin > mostCpuMs) exhausted = "time";
      return exhausted !== undefined;
    },
    isExhausted: () => exhausted !== undefined,
    told: () => (exhausted === "time" ? `${mostCpuMs} ms` : `${mostSteps} steps`),
  };
}
