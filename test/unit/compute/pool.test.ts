import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it, vi } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import type { Spawn, Thread, ThreadEvents } from "../../../src/compute/threads.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { allOf, faults, withFactors } from "./check.ts";
import { randomProduct } from "./cohorts.ts";
import { Random } from "./random.ts";

const product = randomProduct(new Random(4));
const DENSE = { kind: "dense" } as const;

/** Threads in name only: what is posted is kept, and what comes back is the test's to say. */
function puppets(): { spawn: Spawn; posted: unknown[]; events: ThreadEvents[]; held: boolean[] } {
  const posted: unknown[] = [];
  const events: ThreadEvents[] = [];
  const held: boolean[] = [];
  const spawn: Spawn = (_code, handlers): Thread => {
    const index = events.push(handlers) - 1;
    return {
      post: (message) => posted.push(message),
      hold: (busy) => {
        held[index] = busy;
      },
      terminate: async () => handlers.failure(new Error("ended")),
    };
  };
  return { spawn, posted, events, held };
}

const jobsIn = (posted: readonly unknown[]) =>
  posted.filter((message) => (message as { type: string }).type === "run").length;

describe("worker threads", () => {
  it("run more products than there are threads", async () => {
    const own = await createWasmBackend();
    const pool = await createWasmBackend({ threads: 2, spawn: spawnThread });
    expect(pool.description).toBe("WebAssembly SIMD, 2 threads");
    expect(pool.parallelism).toBe(2);
    const many = Array.from({ length: 9 }, (_, seed) => randomProduct(new Random(seed)));
    const results = await Promise.all(many.map((one) => allOf(pool, one)));
    for (const [i, one] of many.entries()) expect(results[i], `seed ${i}`).toEqual(await allOf(own, one));
    await pool.dispose();
    await expect(allOf(pool, product)).rejects.toThrow(/disposed/);
  });

  it("do without shared memory where a page has none", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    try {
      const own = await createWasmBackend();
      const pool = await createWasmBackend({ threads: 2, spawn: spawnThread });
      const reference = createReferenceBackend();
      for (const seed of [1, 2, 3]) {
        const one = randomProduct(new Random(seed));
        const [shared, apart] = [await allOf(own, one), await allOf(pool, one)];
        expect(faults(one, apart, await allOf(reference, one)), `seed ${seed}`).toEqual([]);
        // The columns' values would be one more copy a worker: where only candidates were asked for, they come as the screen left them.
        const { passed, row } = shared.candidates;
        const { threshold, windows } = one;
        const epilogue = { kind: "candidates", threshold, ...(windows && { windows }) } as const;
        const alone = await withFactors(pool, one, (factors) => pool.product(factors, epilogue));
        expect(alone.row.length, `seed ${seed}`).toBe(passed ?? row.length);
        expect(alone.product, `seed ${seed}`).toBeUndefined();
        expect([apart.columnMax, apart.dense]).toEqual([shared.columnMax, shared.dense]);
      }
      await pool.dispose();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("leave the caller's rows, norms and columns as they were", async () => {
    const pool = await createWasmBackend({ threads: 1, spawn: spawnThread });
    const before = structuredClone(product);
    await allOf(pool, product);
    expect(product).toEqual(before);
    await pool.dispose();
  });

  it("that are not to be had are a BackendError", async () => {
    const spawn: Spawn = () => {
      throw new Error("no threads here");
    };
    await expect(createWasmBackend({ threads: 2, spawn })).rejects.toThrow(
      "worker threads could not be started (no threads here); use 0 threads",
    );
    await expect(createWasmBackend({ threads: 2 })).rejects.toThrow(/nothing to start them/);
  });

  it("fail the product in hand when they fail, and all when the last is gone", async () => {
    const { spawn, posted, events } = puppets();
    const pool = await createWasmBackend({ threads: 2, spawn });
    await withFactors(pool, product, async (factors) => {
      const three = [1, 2, 3].map(() => pool.product(factors, DENSE));
      expect(jobsIn(posted)).toBe(2);
      events[0]!.failure(new Error("out of memory"));
      await expect(three[0]).rejects.toThrow("a worker thread failed: out of memory");
      events[1]!.message({ type: "failed", tag: "limit", message: "too much" });
      await expect(three[1]).rejects.toMatchObject({ tag: "limit", message: "too much" });
      expect(jobsIn(posted)).toBe(3);
      events[1]!.failure(new Error("gone"));
      await expect(three[2]).rejects.toMatchObject({ tag: "backend" });
      await expect(pool.product(factors, DENSE)).rejects.toThrow("a worker thread failed: gone");
    });
  });

  it("listen once to a signal that many products wait with, and no more when they are done", async () => {
    const { spawn, posted, events } = puppets();
    const pool = await createWasmBackend({ threads: 1, spawn });
    await withFactors(pool, product, async (factors) => {
      const { signal } = new AbortController();
      const many = Array.from({ length: 20 }, () => pool.product(factors, DENSE, signal));
      while (jobsIn(posted) === 0) await Promise.resolve();
      expect(getEventListeners(signal, "abort")).toHaveLength(1);
      for (let i = 0; i < many.length; i++) {
        events[0]!.message({ type: "done", result: { kind: "dense", values: [], pairs: i } });
        expect(await many[i]).toMatchObject({ pairs: i });
      }
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
      const stop = new AbortController();
      const both = [1, 2].map(() => pool.product(factors, DENSE, stop.signal));
      while (jobsIn(posted) < many.length + 1) await Promise.resolve();
      stop.abort();
      for (const one of both) await expect(one).rejects.toThrow("cancelled");
    });
  });

  it("form the same products in memory that has served before", async () => {
    const own = await createWasmBackend();
    const pool = await createWasmBackend({ threads: 2, spawn: spawnThread });
    for (let round = 0; round < 3; round += 1) {
      for (let seed = 1; seed <= 12; seed += 1) {
        const one = randomProduct(new Random(seed));
        const [expected, found] = [await allOf(own, one), await allOf(pool, one)];
        expect(faults(one, found, expected), `seed ${seed}, round ${round}`).toEqual([]);
        for (const values of found.dense.values) {
          // Whatever is not written anew shows.
          values.fill(Number.NaN);
          pool.giveBack?.(values);
        }
      }
    }
    await pool.dispose();
    await own.dispose();
  });

  it("drop a cancelled product, waiting or in hand, and go on with the next", async () => {
    const { spawn, posted, events, held } = puppets();
    const pool = await createWasmBackend({ threads: 1, spawn });
    await withFactors(pool, product, async (factors) => {
      const inHand = new AbortController();
      const waiting = new AbortController();
      const first = pool.product(factors, DENSE, inHand.signal);
      const second = pool.product(factors, DENSE, waiting.signal);
      const third = pool.product(factors, DENSE);
      waiting.abort();
      await expect(second).rejects.toThrow("cancelled");
      inHand.abort();
      await expect(first).rejects.toThrow("cancelled");
      expect(jobsIn(posted)).toBe(1);
      const result = { kind: "dense", values: [], pairs: 7 };
      events[0]!.message({ type: "done", result });
      expect(jobsIn(posted)).toBe(2);
      expect(held).toEqual([true]);
      events[0]!.message({ type: "done", result: { ...result, pairs: 8 } });
      expect(await third).toMatchObject({ pairs: 8 });
      expect(held).toEqual([false]);
    });
  });

  it("get columns once, and forget them", async () => {
    const { spawn, posted, events } = puppets();
    const pool = await createWasmBackend({ threads: 1, spawn });
    const count = (type: string) => posted.filter((m) => (m as { type: string }).type === type).length;
    await withFactors(pool, product, async (factors) => {
      for (let i = 0; i < 3; i += 1) {
        const done = pool.product(factors, DENSE);
        events[0]!.message({ type: "done", result: { kind: "dense", values: [], pairs: 0 } });
        await done;
      }
      expect(count("load")).toBe(factors.length);
      expect(count("forget")).toBe(0);
    });
    expect(count("forget")).toBe(product.factors.length);
  });

  it("fail what is in hand when the backend is disposed of", async () => {
    const { spawn } = puppets();
    const pool = await createWasmBackend({ threads: 1, spawn });
    const columns = await pool.load(product.factors[0]!.columns);
    const factors = [{ ...product.factors[0]!, columns }];
    const pending = [pool.product(factors, DENSE), pool.product(factors, DENSE)];
    const settled = Promise.allSettled(pending);
    await pool.dispose();
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("report a real worker's own failure", async () => {
    const spawn: Spawn = (_code, events) => spawnThread("throw new Error('no luck')", events);
    const pool = await createWasmBackend({ threads: 1, spawn });
    await expect(allOf(pool, product)).rejects.toThrow("a worker thread failed: no luck");
  });

  it("let the process end, idle or not disposed of", async () => {
    const source = `
      import { createWasmBackend } from "./src/compute/wasm/backend.ts";
      import { spawnThread } from "./src/node/threads.ts";
      const pool = await createWasmBackend({ threads: 2, spawn: spawnThread });
      const values = Float64Array.of(Math.SQRT1_2, -Math.SQRT1_2);
      const columns = await pool.load({ count: 1, samples: 2, values, standardised: true });
      const rows = { kind: "real", count: 1, samples: 2, values: Float64Array.of(0, 2) };
      const factor = { rows, columns, norm: Float64Array.of(Math.SQRT2), weight: 1 };
      const { value, row } = await pool.product([factor], { kind: "columnMax" });
      console.log(value[0].toFixed(6), row[0]);
    `;
    const resolveDir = new URL("../../../", import.meta.url).pathname;
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir, loader: "ts" },
      bundle: true,
      // One argument of a command is 128 KiB at most.
      minify: true,
      write: false,
      format: "esm",
      platform: "node",
    });
    const running = promisify(execFile)("node", ["--input-type=module"], { timeout: 60_000 });
    running.child.stdin?.end(outputFiles[0]!.text);
    const { stdout } = await running;
    expect(stdout).toBe("1.000000 0\n");
  });
});

describe("the caller's thread", () => {
  it("gets its turn during a long product, and can stop it", async () => {
    const backend = await createWasmBackend();
    const samples = 2_000;
    const rows = { kind: "real", count: 4_000, samples, values: new Float64Array(4_000 * samples) } as const;
    const values = new Float64Array(400 * samples);
    const columns = await backend.load({ count: 400, samples, values, standardised: false });
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 20);
    const factor = { rows, columns, norm: new Float64Array(4_000), weight: 1 };
    await expect(backend.product([factor], DENSE, abort.signal)).rejects.toThrow("cancelled");
    clearTimeout(timer);
  });
});
