/** Gives a test the engine of the built page, without the page: `globalThis.engine`, and what it says by itself. */

import { engineClient } from "../../../src/app/engine/client.ts";
import type { EngineEvent } from "../../../src/app/engine/protocol.ts";

const events: EngineEvent[] = [];
const text = await (await fetch("engine.js")).text();
/** Set before the page's scripts run, where a test wants it. */
const { enginePrelude = "" } = globalThis as { enginePrelude?: string };
const url = URL.createObjectURL(new Blob([enginePrelude, text], { type: "text/javascript" }));
const worker = new Worker(url, { type: "module" });
const engine = engineClient(worker, (event) => events.push(event));

/** Files of this server, as a person would drop them. */
async function files(names: readonly string[]): Promise<{ name: string; file: Blob }[]> {
  return Promise.all(
    names.map(async (name) => {
      const response = await fetch(name);
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      const base = name.slice(name.lastIndexOf("/") + 1);
      return { name: base, file: new File([await response.blob()], base) };
    }),
  );
}

async function digest(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

Object.assign(globalThis, { engine, events, files, digest });
