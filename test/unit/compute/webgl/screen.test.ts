/** The webgl backend around exact dot products in JavaScript: WebGL itself is tested in test/browser. */
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../../src/compute/wasm/backend.ts";
import {
  createWebGlBackend,
  type WebGlOptions,
  type WebGlSettings,
} from "../../../../src/compute/webgl/backend.ts";
import { ContextLost, type Dots, SAMPLES_A_RUN } from "../../../../src/compute/webgl/dots.ts";
import { failures } from "../cases.ts";
import { allOf, faults } from "../check.ts";
import { adversarialProduct, type TestProduct } from "../cohorts.ts";
import { conformance } from "../conformance.ts";
import { Random } from "../random.ts";

/** Refuses what WebGL could not do exactly; gives up after `runs` runs. */
function plainDots(runs = Number.POSITIVE_INFINITY): Dots & { readonly done: () => number } {
  let done = 0;
  return {
    name: "plain JavaScript",
    get lost() {
      return done > runs;
    },
    done: () => done,
    async run(rows, columns, samples) {
      done += 1;
      if (done > runs) throw new ContextLost("the WebGL context was lost");
      if (samples > SAMPLES_A_RUN) throw new Error(`${samples} samples in one run`);
      for (const values of [rows, columns]) {
        if (!values.every((v) => Number.isInteger(v) && Math.abs(v) <= 128))
          throw new Error("not integers of 8 bits");
      }
      const lines = Array.from({ length: rows.length / samples }, (_, row) =>
        Float32Array.from({ length: columns.length / samples }, (_, column) => {
          let sum = 0;
          for (let i = 0; i < samples; i += 1)
            sum += rows[row * samples + i]! * columns[column * samples + i]!;
          if (Math.abs(sum) > 2 ** 24) throw new Error(`${sum} is no exact f32`);
          return sum;
        }),
      );
      return { lines, milliseconds: 50 };
    },
  };
}

async function webGl(options: Partial<WebGlOptions> = {}, settings: WebGlSettings = {}) {
  const fallback = options.fallback ?? (await createWasmBackend());
  return createWebGlBackend({ ...options, fallback }, { dots: plainDots(), ...settings });
}

conformance("webgl, digits by its own rule", () => webGl());
conformance("webgl, one digit", () => webGl({ digits: 1 }));
conformance("webgl, two digits, tiles of a few pairs", () => webGl({ digits: 2 }, { work: 2 ** 10 }));

describe("webgl", () => {
  it("adds up more samples than one run takes", async () => {
    const product = longProduct();
    const reference = await allOf(createReferenceBackend(), product);
    for (const digits of [1, 2] as const) {
      const dots = plainDots();
      const backend = await webGl({ digits }, { dots });
      expect(faults(product, await allOf(backend, product), reference)).toEqual([]);
      expect(dots.done()).toBe(2 * 3 * digits);
      await backend.dispose();
    }
  });

  it("goes on with the fallback once the context is lost, and says so once", async () => {
    const warnings: string[] = [];
    const product = adversarialProduct(new Random(7), { digits: 1 });
    const reference = await allOf(createReferenceBackend(), product);
    const backend = await webGl(
      { digits: 1, onWarning: (text) => warnings.push(text) },
      { dots: plainDots(1), work: 2 ** 8 },
    );
    for (let time = 0; time < 2; time += 1) {
      const results = await allOf(backend, product);
      expect(faults(product, results, reference)).toEqual([]);
      expect([results.candidates.by, results.columnMax.by]).toEqual(["wasm", "wasm"]);
    }
    expect(warnings).toEqual(["GPU: the WebGL context was lost; going on with WebAssembly SIMD, 1 thread"]);
    await backend.dispose();
  });

  it.each([1, 2] as const)("with half the bound would miss pairs (%i digits)", async (digits) => {
    const mutant = await webGl({ digits }, { boundScale: 0.5 });
    const missed = (await failures(mutant)).filter((line) => line.includes("missed"));
    expect(missed.length).toBeGreaterThan(10);
    await mutant.dispose();
  });
});

/** Values of f64 with as many samples as take three runs. */
function longProduct(): TestProduct {
  const random = new Random(3);
  const samples = 2 * SAMPLES_A_RUN + 5;
  const [count, width] = [6, 4];
  const values = new Float64Array(width * samples);
  for (let j = 0; j < width; j += 1) {
    const column = values.subarray(j * samples, (j + 1) * samples);
    for (let s = 0; s < samples; s += 1) column[s] = random.normal();
    const mean = column.reduce((a, b) => a + b, 0) / samples;
    const norm = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) * (v - mean), 0));
    for (let s = 0; s < samples; s += 1) column[s] = (column[s]! - mean) / norm;
  }
  const rows = { kind: "real" as const, count, samples, values: new Float64Array(count * samples) };
  for (let at = 0; at < rows.values.length; at += 1) rows.values[at] = random.normal();
  const norm = new Float64Array(count).fill(Math.sqrt(samples));
  const columns = { count: width, samples, values, standardised: true };
  return {
    factors: [{ rows, columns, norm, weight: 1 }],
    threshold: new Float64Array(width).fill(0.01),
    windows: undefined,
  };
}
