/**
 * The screen of the wasm backend as a whole, on the caller's thread: listing, measuring, sums, selection. What each
 * kernel does with calls of several spectra of frequencies, missing calls and dosages; candidates per hit.
 *
 *   node bench/run.mjs bench/lab/screen.ts [samples ...]
 */

import { type Random, seededRandom } from "../../src/bench/random.ts";
import type { CallRows, Columns } from "../../src/compute/backend.ts";
import { createWasmBackend } from "../../src/compute/wasm/backend.ts";
import type { EngineSettings } from "../../src/compute/wasm/job.ts";

const ROWS = 4096;
const COLUMNS = 512;
const RUNS = 5;
/** |Z| of p = 1e-5. */
const Z = 4.417;

interface Rows {
  readonly rows: CallRows;
  readonly norm: Float64Array;
}

function standardNormalColumns(random: Random, samples: number): Columns {
  const values = new Float64Array(COLUMNS * samples);
  for (let j = 0; j < COLUMNS; j += 1) {
    const e = values.subarray(j * samples, (j + 1) * samples);
    for (let s = 0; s < samples; s += 1) e[s] = random.normal();
    const mean = e.reduce((a, b) => a + b, 0) / samples;
    const norm = Math.sqrt(e.reduce((sum, v) => sum + (v - mean) * (v - mean), 0));
    for (let s = 0; s < samples; s += 1) e[s] = (e[s]! - mean) / norm;
  }
  return { count: COLUMNS, samples, values, standardised: true };
}

/** Calls with minor allele frequencies `spectrum(u)`, a share of them missing, a share with a dosage of three decimals. */
function genotypes(
  random: Random,
  samples: number,
  spectrum: (u: number) => number,
  missing = 0,
  dosages = 0,
): Rows {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(ROWS * stride);
  const norm = new Float64Array(ROWS);
  const fill = new Float64Array(ROWS);
  const offset = new Uint32Array(ROWS + 1);
  const sample: number[] = [];
  const value: number[] = [];
  for (let row = 0; row < ROWS; row += 1) {
    const frequency = spectrum(random.uniform());
    const g: number[] = [];
    for (let s = 0; s < samples; s += 1) {
      let call = Number(random.uniform() < frequency) + Number(random.uniform() < frequency);
      if (missing > 0 && random.uniform() < missing) call = 3;
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
      let beside = 0;
      if (call !== 3 && dosages > 0 && random.uniform() < dosages) {
        beside =
          Math.round(
            1000 *
              (call === 0
                ? 0.5 * random.uniform()
                : call === 2
                  ? -0.5 * random.uniform()
                  : random.uniform() - 0.5),
          ) / 1000;
        sample.push(s);
        value.push(beside);
      }
      if (call !== 3) g.push(call + beside);
    }
    const mean = g.reduce((a, b) => a + b, 0) / g.length;
    fill[row] = mean;
    norm[row] = Math.sqrt(g.reduce((sum, x) => sum + (x - mean) * (x - mean), 0));
    offset[row + 1] = sample.length;
  }
  const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  const rows = { kind: "calls", count: ROWS, samples, stride, packed, fill } as const;
  return { rows: dosages > 0 ? { ...rows, remainder } : rows, norm };
}

const RARE = (u: number) => 0.01 * 50 ** u;
const ARRAY = (u: number) => 0.05 + 0.45 * u;
const ROWS_OF: Record<string, (random: Random, samples: number) => Rows> = {
  "calls, MAF 1/x from 0.01": (random, n) => genotypes(random, n, RARE),
  "calls, MAF 0.05 to 0.5": (random, n) => genotypes(random, n, ARRAY),
  "calls, 1% missing": (random, n) => genotypes(random, n, ARRAY, 0.01),
  "7% dosages, MAF 1/x": (random, n) => genotypes(random, n, RARE, 0, 0.07),
  "all dosages": (random, n) => genotypes(random, n, RARE, 0, 1),
};

const KERNELS: Record<string, EngineSettings> = {
  chosen: {},
  "carriers, 1": { kernel: "carriers", group: 1 },
  "carriers, 2": { kernel: "carriers", group: 2 },
  "carriers, 4": { kernel: "carriers", group: 4 },
  products: { kernel: "dot" },
};

/** Seconds of this thread's processor time (the machine may be shared), the least of some runs. */
async function seconds(run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i += 1) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

async function report(samples: number): Promise<void> {
  const random = seededRandom(1);
  const data = standardNormalColumns(random, samples);
  const threshold = new Float64Array(COLUMNS).fill(Z / Math.sqrt(samples));
  for (const [name, make] of Object.entries(ROWS_OF)) {
    const { rows, norm } = make(random, samples);
    const cells: string[] = [];
    for (const [label, settings] of Object.entries(KERNELS)) {
      const backend = await createWasmBackend({}, settings);
      const columns = await backend.load(data);
      const ask = () =>
        backend.product([{ rows, columns, norm, weight: 1 }], { kind: "candidates", threshold });
      const { row } = await ask();
      const time = await seconds(ask);
      cells.push(`${label} ${((ROWS * COLUMNS) / time / 1e6).toFixed(0)} (${row.length})`);
      await backend.dispose();
    }
    console.log(`n = ${samples}, ${name}: M pairs/s (candidates): ${cells.join(", ")}`);
  }
}

const chosen = process.argv.slice(2).map(Number);
for (const samples of chosen.length > 0 ? chosen : [100, 500, 2683]) await report(samples);
