import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Spawn } from "../compute/threads.ts";

/** Gives a Node worker the two globals of a page's worker. */
const PRELUDE = `{
  const { parentPort } = require("node:worker_threads");
  globalThis.postMessage = (data, transfer) => parentPort.postMessage(data, transfer);
  parentPort.on("message", (data) => globalThis.onmessage({ data }));
}
`;

/**
 * MiB of a thread's new objects: three times its half-space, which else grows to 16 MiB while a map runs. A job makes few objects that
 * outlive it, and what counts lies outside the heap.
 */
const YOUNG = 6;

/** Starts worker threads of Node. They keep the process alive only while they are held. */
export const spawnThread: Spawn = (code, events) => {
  // Flags of this process (a test runner's, say) are none of the worker's.
  const worker = new Worker(PRELUDE + code, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  worker.on("message", events.message);
  worker.on("error", (error: unknown) => {
    events.failure(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on("exit", (exitCode) => events.failure(new Error(`it ended with exit code ${exitCode}`)));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold(busy) {
      if (busy) worker.ref();
      else worker.unref();
    },
    async terminate() {
      await worker.terminate();
    },
  };
};

/** How many threads are worth starting on this machine. */
export function threadCount(): number {
  return availableParallelism();
}
