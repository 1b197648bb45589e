/** The worker's end: answers questions one after the other, `cancel` at once. */

import { failureOf, type Question, type Reply } from "./client.ts";
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
