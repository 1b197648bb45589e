import type { Spawn } from "../compute/threads.ts";

/** Starts web workers from code in memory, so that no bundler has to know of them. */
export const spawnInPage: Spawn = (code, events) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  worker.onmessage = ({ data }) => events.message(data);
  worker.onerror = (event) => events.failure(new Error(event.message));
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    // A page lives as long as it is open.
    hold() {},
    async terminate() {
      worker.terminate();
    },
  };
};
