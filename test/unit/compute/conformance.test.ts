import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { allOf } from "./check.ts";
import { conformance, failures, products } from "./conformance.ts";

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
});

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
