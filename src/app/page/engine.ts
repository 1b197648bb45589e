import { type EngineClient, engineClient } from "../engine/client.ts";
import type { EngineEvent } from "../engine/protocol.ts";
import { announce } from "./parts/announce.ts";
import { problem, progress } from "./state.ts";

let started: Promise<EngineClient> | undefined;

/** The engine: started by the first question, which the page asks once it is painted. Views ask it directly: `await engine.genes()`. */
export const engine: EngineClient = new Proxy({} as EngineClient, {
  get:
    (_, name: keyof EngineClient) =>
    async (...args: unknown[]) => {
      started ??= startEngine(heed);
      const client = await started.catch((error: unknown) => {
        started = undefined;
        throw error;
      });
      return (client[name] as (...given: unknown[]) => Promise<unknown>)(...args);
    },
});

function heed(event: EngineEvent): void {
  if (event.kind === "progress") progress.value = event.progress;
  else announce(event.message.text);
}

/** Shows an error in the page's banner; a cancelled run is no error. */
export function show(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name !== "CancelledError") problem.value = message;
}

/**
 * Starts the engine. Its worker is made from the text of its bundle, so that it inherits the page's Content-Security-Policy: a worker with an
 * address of its own has none but what a server's headers say, and a static host says nothing.
 */
async function startEngine(onEvent: (event: EngineEvent) => void): Promise<EngineClient> {
  const response = await fetch(new URL("engine.js", document.baseURI));
  if (!response.ok) throw new Error(`engine.js: the server answers ${response.status}; reload the page`);
  const url = URL.createObjectURL(new Blob([await response.text()], { type: "text/javascript" }));
  try {
    return engineClient(new Worker(url, { type: "module", name: "qortex-engine" }), onEvent);
  } finally {
    URL.revokeObjectURL(url);
  }
}
