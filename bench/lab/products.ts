/**
 * f64 products of calls: over the carriers, and over all samples, by share of carriers and number of columns.
 *
 *   node bench/run.mjs bench/lab/products.ts [samples [rows]]
 */

import { seededRandom } from "../../src/bench/random.ts";
import type { CallRows } from "../../src/compute/backend.ts";
import { createWasmBackend } from "../../src/compute/wasm/backend.ts";

const [samples = 500, rows = 8000] = process.argv.slice(2).map(Number);
const RUNS = 4;
const random = seededRandom(1);

function calls(frequency: number, missing: number): { rows: CallRows; carriers: number } {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(rows * stride);
  let carriers = 0;
  for (let row = 0; row < rows; row++) {
    for (let s = 0; s < samples; s++) {
      const copies = Number(random.uniform() < frequency) + Number(random.uniform() < frequency);
      const call = random.uniform() < missing ? 3 : copies;
      if (call > 0) carriers++;
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
    }
  }
  const fill = new Float64Array(rows).fill(2 * frequency);
  return { rows: { kind: "calls", count: rows, samples, stride, packed, fill }, carriers };
}

for (const missing of [0, 0.02]) {
  for (const frequency of [0.05, 0.16, 0.25, 0.35, 0.45]) {
    const { rows: own, carriers } = calls(frequency, missing);
    for (const count of [4, 8, 20, 32]) {
      const values = Float64Array.from({ length: count * samples }, () => random.uniform() - 0.5);
      const times: string[] = [];
      const results: Buffer[] = [];
      for (const settings of [{ products: "dot" as const }, {}]) {
        const backend = await createWasmBackend({}, settings);
        const columns = await backend.load({ count, samples, values, standardised: false });
        let best = Number.POSITIVE_INFINITY;
        for (let run = 0; run < RUNS; run++) {
          const before = process.cpuUsage();
          const factor = { rows: own, columns, norm: new Float64Array(0), weight: 1 };
          const { values: products } = await backend.product([factor], { kind: "dense" });
          const { user, system } = process.cpuUsage(before);
          best = Math.min(best, ((user + system) * 1e3) / (rows * count));
          results.push(Buffer.from(products[0]!.buffer));
        }
        times.push(best.toFixed(1));
      }
      if (results.some((bits) => !bits.equals(results[0]!))) throw new Error("the bits differ");
      const share = (carriers / rows / samples).toFixed(2);
      console.log(
        `missing ${missing}, carriers ${share}, ${count} columns: dot ${times[0]}, carriers ${times[1]} ns a product`,
      );
    }
  }
}
