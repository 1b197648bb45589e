#!/usr/bin/env node
import { availableParallelism, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { run } from "./program.ts";
import { LEAST_MEMORY } from "./values.ts";

/** A container's limit where there is one, else the machine's memory. */
function memoryInReach(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

const stopper = new AbortController();
let stoppedBy: "SIGINT" | "SIGTERM" | undefined;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  // `once`: a second signal finds no handler and kills the process, as people expect of it.
  process.once(name, () => {
    stoppedBy = name;
    stopper.abort();
  });
}
// `qortex ... | head` closes the pipe early: no fault of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// Threads that are being stopped may not hold the process: without this it could end before the run does.
const alive = setInterval(() => {}, 2 ** 30);
const exitCode = await run(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  signal: stopper.signal,
  machine: {
    threads: availableParallelism(),
    memory: Math.max(LEAST_MEMORY, Math.floor(memoryInReach() / 4)),
  },
  env: process.env,
  now: () => performance.now(),
  entry: fileURLToPath(import.meta.url),
});
clearInterval(alive);
process.exitCode = exitCode === 130 && stoppedBy === "SIGTERM" ? 143 : exitCode;
