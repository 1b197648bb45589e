import { describe, expect, test } from "vitest";
import { type Named, requireAgreement } from "../../../src/bench/agree.ts";
import { makeOperands } from "../../../src/bench/operands.ts";
import { thresholdOf } from "../../../src/bench/work.ts";
import type { Backend, ProductResult } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { BackendError } from "../../../src/errors.ts";

const SAMPLES = 61;
const slice = { variants: 90, genes: 40, r: thresholdOf(-2, SAMPLES) };
const judge: Named = { name: "reference", backend: createReferenceBackend() };

function operands(kind: "calls" | "imputed") {
  return makeOperands({ kind, samples: SAMPLES, variants: 100, genes: 50, seed: 3 });
}

/** A backend whose results are changed by `spoil` on their way out. */
function spoilt(spoil: (result: ProductResult<{ kind: "candidates" } & never>) => unknown): Backend {
  const honest = createReferenceBackend();
  return {
    ...honest,
    async product(factors, epilogue, signal) {
      const result = await honest.product(factors, epilogue, signal);
      return spoil(result as never) as typeof result;
    },
  };
}

describe("backends must agree", () => {
  test.each(["calls", "imputed"] as const)("wasm does, on %s", async (kind) => {
    const wasm = { name: "wasm", backend: await createWasmBackend() };
    const agreed = await requireAgreement(judge, [wasm], operands(kind), slice);
    expect(agreed.pairs).toBe(90 * 40);
    expect(agreed.correlations).toBe(40 * 40);
    // 1% of 3,600 pairs, if nothing goes on between them.
    expect(agreed.hits).toBeGreaterThan(15);
    expect(agreed.hits).toBeLessThan(90);
    await wasm.backend.dispose();
  });

  const bad = {
    "a pair that passes is missing": spoilt((result: unknown) => {
      const found = result as { kind: string; row: Uint32Array; column: Uint32Array };
      if (found.kind !== "candidates") return found;
      // The strongest pair of the slice may lie anywhere: all but the first half are kept back.
      const half = found.row.length >> 1;
      return { ...found, row: found.row.subarray(0, half), column: found.column.subarray(0, half) };
    }),
    "a bit is wrong": spoilt((result: unknown) => {
      const found = result as { kind: string; values: Float64Array[] };
      if (found.kind === "dense") found.values[0]![7]! += 2 ** -54;
      return found;
    }),
  };
  test.each([
    [
      "a pair that passes is missing",
      /^bench: bad and reference disagree on the pairs that pass: \d+ against \d+; no time/,
    ],
    [
      "a bit is wrong",
      /^bench: bad and reference disagree on the correlation of genes \d+ and \d+: \S+ against \S+; no time/,
    ],
  ] as const)("%s", async (what, message) => {
    const run = requireAgreement(judge, [{ name: "bad", backend: bad[what] }], operands("calls"), slice);
    await expect(run).rejects.toThrow(BackendError);
    await expect(run).rejects.toThrow(message);
  });
});
