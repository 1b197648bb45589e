/**
 * The kernels behind permuted columns, each alone, the best of many short calls (so that a busy machine changes little), µs a column:
 *   node bench/run.mjs bench/lab/permuted.ts [samples]
 */
import { makeOperands } from "../../src/bench/operands.ts";
import { type Random, seededRandom } from "../../src/bench/random.ts";
import { maximaTile } from "../../src/compute/plan.ts";
import {
  type Group,
  PAIR_DISTANCE,
  PAIR_GENES,
  PANEL_GENES,
  STRETCH,
} from "../../src/compute/screen/panels.ts";
import { CarrierScreen } from "../../src/compute/wasm/carrierScreen.ts";
import { KERNELS } from "../../src/compute/wasm/generated.ts";
import { instantiate, type Kernels } from "../../src/compute/wasm/kernels.ts";
import { orthonormalBasis } from "../../src/statistics/linalg.ts";
import { permutation } from "../../src/statistics/random.ts";

const samples = Number(process.argv[2] ?? 500);
const VARIANTS = 5000;
const COVARIATES = 20;
const kernels = await instantiate(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
for (const group of [1, 2, 4] as const) {
  for (const paired of group < 4 ? [false, true] : [false]) {
    console.log(
      `screening ${VARIANTS} variants, groups of ${group}, ${paired ? 64 : 32} columns: ${screening(group, paired)}`,
    );
  }
}
making(kernels);

/** The best time of `count` calls, in µs a column. */
function best(count: number, columns: number, call: () => void): string {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return `${((1e3 * least) / columns).toFixed(2)} µs`;
}

/** All rows and one panel, or two, of which nothing passes. */
function screening(group: Group, paired: boolean): string {
  const made = makeOperands({ kind: "calls", samples, variants: VARIANTS, genes: 1, seed: 1 });
  const factor = { rows: made.rows, norm: new Float64Array(VARIANTS).fill(10), weight: 1 };
  const largest = { length: 1, sum: 1e-9, remainder: 2 };
  const columns = { samples, stretch: STRETCH, group, largest, shift: 6, inverse: 1e3, paired };
  const screen = new CarrierScreen(kernels, factor, columns, maximaTile(samples, STRETCH, VARIANTS));
  screen.loadRows(0);
  const { panel, scale, remainder, threshold, last } = screen.memory;
  const random = seededRandom(2);
  for (const at of paired ? [0, PAIR_DISTANCE] : [0]) {
    for (let i = 0; i < samples * PANEL_GENES; i += 1) {
      panel.view[at + i] = Math.round(((random.uniform() - 0.5) * 120) / group);
    }
  }
  screen.lift();
  scale.view.fill(0.001);
  remainder.view.fill(0.01);
  threshold.view.fill(1e9);
  last.view.fill(VARIANTS);
  return best(400, paired ? PAIR_GENES : PANEL_GENES, () => {
    for (const _ of screen.compare(0, VARIANTS)) throw new Error("a pair passed");
  });
}

function normals(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count * samples }, () => random.normal());
}

function making({ run }: Kernels): void {
  const random = seededRandom(3);
  const names = Array.from({ length: COVARIATES }, (_, c) => `C${c}`);
  const basis = orthonormalBasis(normals(random, COVARIATES), names, samples);
  const memory = kernels.lay({
    y: ["f64", samples],
    basis: ["f64", (basis.count + 1) * samples],
    e: ["f64", 4 * samples],
    order: ["u32", 4 * samples],
    columns: ["f64", 4 * samples],
    panel: ["i8", (samples + 1) * PANEL_GENES],
    scale: ["f32", 4],
    remainder: ["f32", 4],
  });
  memory.y.view.set(normals(random, 1));
  memory.basis.view.fill(1, 0, samples);
  memory.basis.view.set(basis.values.subarray(0, basis.count * samples), samples);
  for (let p = 0; p < 4; p += 1) memory.order.view.set(permutation(1, 0, p, samples), p * samples);
  const { y, order, e, columns, panel, scale, remainder } = memory;
  const permute = (of: number) =>
    run.permuteColumns(y.at, samples, order.at, of, basis.count, e.at, columns.at, 8 * samples);
  console.log(`permuting: ${best(3000, 4, () => permute(0))}`);
  console.log(
    `permuting and projecting ${basis.count} covariates: ${best(3000, 4, () => permute(memory.basis.at))}`,
  );
  const quantise = () =>
    run.quantiseColumns(e.at, samples, STRETCH, 2, 7e-4, panel.at, scale.at, remainder.at);
  console.log(`quantising: ${best(3000, 4, quantise)}`);
}
