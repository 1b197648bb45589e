import { describe, expect, it } from "vitest";
import type { Backend, CallRows, Dense, Epilogue } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { allOf } from "./check.ts";
import { conformance, failures, products } from "./conformance.ts";
import { Random } from "./random.ts";

// The reference against itself: that the suite can be passed, and what else a backend owes.
conformance("reference", async () => createReferenceBackend());
conformance("wasm on the caller's thread, two digits", () => createWasmBackend());
conformance("wasm on the caller's thread, one digit", () => createWasmBackend({ digits: 1 }));
for (const group of [1, 2, 4] as const) {
  conformance(`wasm, carriers in groups of ${group}`, () => createWasmBackend({}, { group }));
  conformance(`wasm, carriers in groups of ${group}, stretches of 32 samples`, () =>
    createWasmBackend({}, { group, stretch: 32 }),
  );
}
conformance("wasm, products only", () => createWasmBackend({}, { kernel: "dot" }));
conformance("wasm on two threads", () => createWasmBackend({ threads: 2, spawn: spawnThread }));

describe("what changes nothing", () => {
  it.each([
    { rows: 2, columns: 4, found: 4 },
    { rows: 6, columns: 8, found: 9 },
    { rows: 64, columns: 16, found: 17 },
  ])("tiles of $rows x $columns, $found entries at once", async (tile) => {
    // The f64 kernel takes rows in fours.
    const dense = { ...tile, rows: Math.ceil(tile.rows / 4) * 4 };
    const usual = await createWasmBackend();
    const carrierTile = { rows: tile.rows, lists: tile.rows * 1000, extras: 800, found: tile.found + 31 };
    const small = await createWasmBackend({}, { tile, denseTile: dense, carrierTile });
    for (const { name, product } of products().filter((_, i) => i % 4 === 0)) {
      expect(await allOf(small, product), name).toEqual(await allOf(usual, product));
    }
  });

  it("f64 products over the carriers alone", async () => {
    const usual = await createWasmBackend();
    const dot = await createWasmBackend({}, { products: "dot" });
    const random = new Random(7);
    for (const samples of [1, 3, 4, 31, 32, 33, 127, 500]) {
      for (const share of [0, 0.1, 0.5]) {
        const calls = sparseCalls(random, 300, samples, share);
        const count = 19;
        const values = Float64Array.from({ length: count * samples }, () => random.next() - 0.5);
        const start = Uint32Array.from({ length: count }, (_, j) => 13 * j);
        const windows = { start, end: start.map((first) => Math.min(300, first + 40)) };
        const bits = async (backend: Backend, epilogue: Epilogue) => {
          const columns = await backend.load({ count, samples, values, standardised: false });
          const factor = { rows: calls, columns, norm: new Float64Array(0), weight: 1 };
          const { values: all } = (await backend.product([factor], epilogue)) as Dense;
          return new BigUint64Array(all[0]!.buffer);
        };
        for (const epilogue of [{ kind: "dense" }, { kind: "dense", windows }] as const) {
          expect(await bits(usual, epilogue)).toEqual(await bits(dot, epilogue));
        }
      }
    }
  });
});

/** Calls of which `share` at most carry an allele, a few of them missing. */
function sparseCalls(random: Random, count: number, samples: number, share: number): CallRows {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  for (let row = 0; row < count; row++) {
    for (let s = 0; s < samples; s++) {
      const call = random.next() < share ? random.integer(1, 3) : 0;
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
    }
  }
  const fill = Float64Array.from({ length: count }, () => 2 * random.next());
  return { kind: "calls", count, samples, stride, packed, fill };
}

describe("mutants", () => {
  it.each([
    { digits: 1, kernel: "dot" },
    { digits: 2, kernel: "dot" },
    { group: 1 },
    { group: 2 },
    { group: 4 },
  ] as const)("with half the bound miss pairs (%o)", async (settings) => {
    const digits = "digits" in settings ? settings.digits : "auto";
    const mutant = await createWasmBackend({ digits }, { ...settings, boundScale: 0.5 });
    const missed = (await failures(mutant)).filter((line) => line.includes("missed"));
    expect(missed.length).toBeGreaterThan(10);
  });
});
