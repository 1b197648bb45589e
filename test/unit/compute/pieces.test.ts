/** Rows that are sent to threads in pieces. */
import { describe, expect, it } from "vitest";
import type { RealRows, Rows } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { type Piece, piecesOf } from "../../../src/compute/wasm/pieces.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { withFactors } from "./check.ts";
import { factorOf, randomColumns, statistic, type TestProduct } from "./cohorts.ts";
import { hostileCalls } from "./hostileCalls.ts";
import { Random } from "./random.ts";

const ROWS = 300;
const COLUMNS = 9;

function rowsOf(random: Random, kind: "calls" | "real", samples: number): Rows {
  if (kind === "calls") return hostileCalls(random, ROWS, samples);
  const values = Float64Array.from({ length: ROWS * samples }, () => random.normal());
  return { kind: "real", count: ROWS, samples, values } satisfies RealRows;
}

function productOf(random: Random, kind: "calls" | "real"): TestProduct {
  const samples = random.integer(5, 60);
  const factors = [
    factorOf(random, rowsOf(random, kind, samples), randomColumns(random, COLUMNS, samples), 1),
  ];
  const threshold = Float64Array.from({ length: COLUMNS }, (_, j) =>
    statistic(factors, random.integer(0, ROWS - 1), j),
  );
  return { factors, threshold, windows: undefined };
}

describe("rows in pieces", () => {
  it.each(["calls", "real"] as const)("give the pairs and counts of all %s at once", async (kind) => {
    const settings = { pieceBytes: 1 };
    const cut = await createWasmBackend({ threads: 2, spawn: spawnThread }, settings);
    const whole = await createWasmBackend();
    const reference = createReferenceBackend();
    let found = 0;
    for (let seed = 0; seed < 12; seed += 1) {
      const product = productOf(new Random(seed), kind);
      const ask = (backend: typeof cut) =>
        withFactors(backend, product, (factors) =>
          backend.product(factors, { kind: "candidates", threshold: product.threshold }),
        );
      const [pieces, one, expected] = [await ask(cut), await ask(whole), await ask(reference)];
      expect(pieces, `seed ${seed}`).toEqual(one);
      expect([...pieces.row], `seed ${seed}`).toEqual([...expected.row]);
      expect([...pieces.column], `seed ${seed}`).toEqual([...expected.column]);
      expect(pieces.pairs).toBe(ROWS * COLUMNS);
      found += pieces.row.filter((row) => row >= 128).length;
    }
    expect(found).toBeGreaterThan(100);
    await cut.dispose();
  });

  it("are of about as many bytes, and of 128 rows at least", () => {
    const job = (rows: Rows) => ({
      kernel: "dot" as const,
      factors: [{ rows, columns: 0, norm: new Float64Array(rows.count).fill(1), weight: 1 }],
      epilogue: { kind: "candidates" as const, threshold: Float64Array.of(1) },
      columns: 1,
      pairs: rows.count,
    });
    const real = (count: number): RealRows => {
      return { kind: "real", count, samples: 4, values: new Float64Array(4 * count) };
    };
    const lengths = (pieces: readonly Piece<number>[]) => pieces.map((one) => one.job.factors[0]!.rows.count);
    // 32 bytes a row.
    expect(lengths(piecesOf(job(real(1000)), 32_000))).toEqual([1000]);
    expect(lengths(piecesOf(job(real(1000)), 31_999))).toEqual([500, 500]);
    expect(lengths(piecesOf(job(real(1000)), 9_600))).toEqual([250, 250, 250, 250]);
    expect(lengths(piecesOf(job(real(300)), 1))).toEqual([128, 128, 44]);
    // Windows speak of rows of the whole.
    const windows = { start: Uint32Array.of(0), end: Uint32Array.of(300) };
    const near = job(real(300));
    expect(piecesOf({ ...near, epilogue: { ...near.epilogue, windows } }, 1)).toHaveLength(1);
  });
});
