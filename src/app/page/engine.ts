import { type EngineClient, engineClient } from "../engine/client.ts";
import type { EngineEvent } from "../engine/protocol.ts";

/**
 * Starts the engine. Its worker is made from the text of its bundle, so that it inherits the page's Content-Security-Policy: a worker with an
 * address of its own has none but what a server's headers say, and a static host says nothing.
 */
export async function startEngine(onEvent: (event: EngineEvent) => void): Promise<EngineClient> {
  const response = await fetch(new URL("engine.js", document.baseURI));
  if (!response.ok) throw new Error(`engine.js: the server answers ${response.status}`);
  const url = URL.createObjectURL(new Blob([await response.text()], { type: "text/javascript" }));
  try {
    return engineClient(new Worker(url, { type: "module", name: "qortex-engine" }), onEvent);
  } finally {
    URL.revokeObjectURL(url);
  }
}
