/** The worker's end: answers questions one after the other, `cancel` at once. */

import { QortexError } from "../../errors.ts";
import type { Failure, Question, Reply } from "./client.ts";
import { createEngine } from "./engine.ts";
import type { Engine, EngineEvent } from "./protocol.ts";

const post = (reply: Reply, transfer: Transferable[] = []): void =>
  globalThis.postMessage(reply, { transfer });

const engine: AsyncEngine = createEngine((event: EngineEvent) => post({ event }));
let last: Promise<void> = Promise.resolve();

type AsyncEngine = { readonly [Name in keyof Engine]: (...args: never[]) => unknown };

globalThis.onmessage = ({ data }: MessageEvent<Question>): void => {
  if (data.name === "cancel") void answer(data);
  else last = last.then(() => answer(data));
};

async function answer({ number, name, args }: Question): Promise<void> {
  try {
    const result = await engine[name](...(args as never[]));
    post({ number, answer: result });
  } catch (error) {
    post({ number, failure: failureOf(error) });
  }
}

/** Bundles shorten the names of classes: errors of ours are told by their tags. */
const NAMES = {
  input: "InputError",
  usage: "UsageError",
  limit: "LimitError",
  backend: "BackendError",
  cancelled: "CancelledError",
} as const;

function failureOf(error: unknown): Failure {
  if (error instanceof QortexError) return { name: NAMES[error.tag], message: error.message };
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
