/** The worker's end: takes questions, and posts what becomes of them. */

import { failureOf, type Question, type Reply } from "./client.ts";
import { createEngine } from "./engine.ts";
import type { EngineEvent } from "./protocol.ts";
import { Questions } from "./questions.ts";

const post = (reply: Reply): void => globalThis.postMessage(reply);

const engine = createEngine((event: EngineEvent) => post({ event }));
const questions = new Questions(
  (question, signal) => engine.answer(question, signal),
  () => engine.running,
);

globalThis.onmessage = async ({ data }: MessageEvent<Question>): Promise<void> => {
  const { number } = data;
  try {
    post({ number, answer: await questions.ask(data) });
  } catch (error) {
    post({ number, failure: failureOf(error) });
  }
};
