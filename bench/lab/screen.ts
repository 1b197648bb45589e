/**
 * The screen and the f64 products of the wasm backend as a whole, on one thread (the caller's): pairs a second
 * with everything that surrounds the kernels of bench/lab/dot.ts, candidates per hit, and what threads bring.
 *
 *   node bench/run.mjs bench/lab/screen.ts [samples ...]
 */

import { type Random, seededRandom } from "../../src/bench/random.ts";
import type { Backend, CallRows, Columns } from "../../src/compute/backend.ts";
import { createWasmBackend } from "../../src/compute/wasm/backend.ts";
import { spawnThread, threadCount } from "../../src/node/threads.ts";

const ROWS = 4096;
const COLUMNS = 1000;
/** |Z| of p = 1e-5. */
const Z = 4.417;

function standardNormalColumns(random: Random, count: number, samples: number): Columns {
  const values = new Float64Array(count * samples);
  for (let j = 0; j < count; j += 1) {
    const e = values.subarray(j * samples, (j + 1) * samples);
    for (let s = 0; s < samples; s += 1) e[s] = random.normal();
    const mean = e.reduce((a, b) => a + b, 0) / samples;
    const norm = Math.sqrt(e.reduce((sum, v) => sum + (v - mean) * (v - mean), 0));
    for (let s = 0; s < samples; s += 1) e[s] = (e[s]! - mean) / norm;
  }
  return { count, samples, values, standardised: true };
}

function hardCalls(random: Random, count: number, samples: number): { rows: CallRows; norm: Float64Array } {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  const norm = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const frequency = 0.05 + 0.45 * random.uniform();
    let sum = 0;
    let squares = 0;
    for (let s = 0; s < samples; s += 1) {
      const call = Number(random.uniform() < frequency) + Number(random.uniform() < frequency);
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
      sum += call;
      squares += call * call;
    }
    norm[row] = Math.sqrt(squares - (sum * sum) / samples);
  }
  return { rows: { kind: "calls", count, samples, stride, packed, fill: new Float64Array(count) }, norm };
}

/** Seconds by the clock, or of this thread's processor time: the machine may be shared. */
type Clock = () => number;
const wall: Clock = () => performance.now() / 1000;
const processor: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function seconds(clock: Clock, run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i += 1) {
    const start = clock();
    await run();
    best = Math.min(best, clock() - start);
  }
  return best;
}

async function report(backend: Backend, samples: number, label: string, clock: Clock): Promise<void> {
  const random = seededRandom(1);
  const data = standardNormalColumns(random, COLUMNS, samples);
  const { rows, norm } = hardCalls(random, ROWS, samples);
  const before = clock();
  const columns = await backend.load(data);
  const load = clock() - before;
  const factors = [{ rows, columns, norm, weight: 1 }];
  const threshold = new Float64Array(COLUMNS).fill(Z / Math.sqrt(samples));
  const jobs = Array.from({ length: backend.parallelism });
  const all = (ask: () => Promise<unknown>) => seconds(clock, () => Promise.all(jobs.map(ask)));
  const rate = (time: number) => ((ROWS * COLUMNS * jobs.length) / time / 1e6).toFixed(1).padStart(6);
  const work = (time: number) => ((2 * samples * ROWS * COLUMNS * jobs.length) / time / 1e9).toFixed(1);
  const screen = await all(() => backend.product(factors, { kind: "candidates", threshold }));
  const maximum = await all(() => backend.product(factors, { kind: "columnMax" }));
  const dense = await all(() => backend.product(factors, { kind: "dense" }));
  const { row } = await backend.product(factors, { kind: "candidates", threshold });
  const { values } = await backend.product(factors, { kind: "dense" });
  let hits = 0;
  values[0]!.forEach((v, i) => {
    if (Math.abs(v) / norm[i % ROWS]! >= threshold[0]!) hits += 1;
  });
  if (row.length < hits) throw new Error(`${hits} hits, but only ${row.length} candidates`);
  console.log(`n = ${samples}, ${label}`);
  console.log(`  load       ${((load * 1e6) / COLUMNS).toFixed(0).padStart(6)} us a column`);
  console.log(
    `  candidates ${rate(screen)} M pairs/s, ${work(screen)} Gop/s; ${row.length} candidates, ${hits} hits`,
  );
  console.log(`  columnMax  ${rate(maximum)} M pairs/s`);
  console.log(`  dense      ${rate(dense)} M pairs/s, ${work(dense)} GFLOP/s`);
  await columns.dispose();
}

const chosen = process.argv.slice(2).map(Number);
for (const samples of chosen.length > 0 ? chosen : [500, 2683]) {
  for (const digits of [2, 1] as const) {
    const backend = await createWasmBackend({ digits });
    await report(backend, samples, `caller's thread, ${digits} digits`, processor);
  }
  const threads = threadCount();
  const pool = await createWasmBackend({ threads, spawn: spawnThread });
  await report(pool, samples, `${threads} threads`, wall);
  await pool.dispose();
}
