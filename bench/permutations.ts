/**
 * The engine behind permutations: the exact maximum of each gene and permutation over its window, by the wasm backend:
 *   node bench/run.mjs bench/permutations.ts [--samples 500] [--covariates 20] [--variants 5000] [--permutations 1000]
 *     [--genes 8] [--threads 1,2] [--kind calls|imputed] [--linked 1] [--repeats 3] [--group 0] [--seed 1]
 * `--linked 20` draws every 20 variants from one, with a few calls changed, as linkage does. `--group` 1, 2 or 4 fixes how many
 * rows of integers are added at once.
 */

import { seededPermutations } from "../src/association/permutation/donors.ts";
import { type PermutationWork, permutationMaxima } from "../src/association/permutation/maxima.ts";
import { makeOperands } from "../src/bench/operands.ts";
import { type Random, seededRandom } from "../src/bench/random.ts";
import { markdownTable } from "../src/cli/markdown.ts";
import { decodeDosages } from "../src/cohort/dosages.ts";
import type { CallRows, PermutedColumns } from "../src/compute/backend.ts";
import { createReferenceBackend } from "../src/compute/reference/backend.ts";
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { runJob } from "../src/compute/wasm/engine.ts";
import { KERNELS } from "../src/compute/wasm/generated.ts";
import type { EngineSettings } from "../src/compute/wasm/job.ts";
import { instantiate } from "../src/compute/wasm/kernels.ts";
import { spawnThread } from "../src/node/threads.ts";
import { orthonormalBasis, residualise } from "../src/statistics/linalg.ts";
import { readArguments } from "./arguments.ts";
import { machine } from "./scene.ts";

const settings = readArguments({
  samples: 500,
  covariates: 20,
  variants: 5000,
  permutations: 1000,
  genes: 8,
  threads: "1,2",
  kind: "calls",
  linked: 1,
  repeats: 3,
  group: 0,
  seed: 1,
});

/** Permutations of the first gene that the reference judges. */
const JUDGED = 4;

/** Kernels whose processor time is asked for around every call; the others are too short for that. */
const LONG = [
  ...["permuteColumns", "quantiseColumns", "screenCarriers1", "screenCarriers2", "screenCarriers4"],
  ...["screenPair1", "screenPair2"],
];

const when = machine();
const engine: EngineSettings = settings.group === 0 ? {} : { group: settings.group as 1 | 2 | 4 };
const work = makeWork();
await judge();
const pairs = settings.genes * settings.permutations * settings.variants;
const rows: string[][] = [];
for (const threads of settings.threads.split(",").map(Number)) rows.push(await timed(threads));
console.log(`${when}\n`);
console.log(
  `${settings.samples} samples, ${settings.covariates} covariates, ${settings.variants} variants a window (${settings.kind}, minor allele frequencies 1/x from 0.01 to 0.5${settings.linked > 1 ? `, ${settings.linked} linked` : ""}), ${settings.permutations} permutations of ${settings.genes} genes; the best of ${settings.repeats} runs.\n`,
);
console.log(markdownTable(["threads", "seconds", "CPU s", "M pair-permutations/s", "M/CPU s"], rows, 0));
console.log("");
for (const line of await profile()) console.log(line);

function makeWork(): PermutationWork {
  const { samples, covariates, variants, genes, seed } = settings;
  const kind = settings.kind === "imputed" ? "imputed" : "calls";
  const made = makeOperands({ kind, samples, variants, genes: 1, seed });
  const random = seededRandom(seed + 1);
  if (settings.linked > 1) link(made.rows, settings.linked, random);
  const normal = (count: number) => Float64Array.from({ length: count * samples }, () => random.normal());
  const names = Array.from({ length: covariates }, (_, c) => `C${c}`);
  const basis = orthonormalBasis(normal(covariates), names, samples);
  const g = new Float64Array(samples);
  const norm = Float64Array.from({ length: variants }, (_, row) => {
    decodeDosages(made.rows, row, 0, g);
    residualise(g, 0, samples, basis);
    return Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
  });
  return {
    rows: made.rows,
    norm,
    windows: { start: new Uint32Array(genes), end: new Uint32Array(genes).fill(variants) },
    expression: normal(genes),
    basis,
    permutations: seededPermutations(seed, settings.permutations, samples),
    from: 0,
    to: settings.permutations,
  };
}

/** Makes each run of `size` rows copies of its first, but for the calls of one sample in 50. */
function link({ packed, stride, count }: CallRows, size: number, random: Random): void {
  for (let row = 0; row < count; row += 1) {
    const first = row - (row % size);
    if (row === first) continue;
    for (let i = 0; i < stride - 1; i += 1) {
      if (random.uniform() < 0.92) packed[row * stride + i] = packed[first * stride + i]!;
    }
  }
}

/** A part of the maxima beside the reference's; throws where a bit differs. */
async function judge(): Promise<void> {
  const part = {
    ...work,
    windows: { start: work.windows.start.subarray(0, 1), end: work.windows.end.subarray(0, 1) },
    expression: work.expression.subarray(0, settings.samples),
    to: JUDGED,
  };
  const own = await permutationMaxima(await createWasmBackend({}, engine), part);
  const expected = await permutationMaxima(createReferenceBackend(), part);
  if (own.some((value, i) => !Object.is(value, expected[i]))) throw new Error(`${own} is not ${expected}`);
}

async function timed(threads: number): Promise<string[]> {
  const backend = await createWasmBackend({ threads, spawn: spawnThread }, engine);
  let seconds = Number.POSITIVE_INFINITY;
  let processor = Number.POSITIVE_INFINITY;
  for (let i = 0; i < settings.repeats; i += 1) {
    const before = process.cpuUsage();
    const start = performance.now();
    await permutationMaxima(backend, work);
    const { user, system } = process.cpuUsage(before);
    seconds = Math.min(seconds, (performance.now() - start) / 1e3);
    processor = Math.min(processor, (user + system) / 1e6);
  }
  await backend.dispose();
  const cells = [seconds, processor, pairs / seconds / 1e6, pairs / processor / 1e6];
  return [String(threads), ...cells.map((x) => String(Number(x.toPrecision(3))))];
}

/** Where the processor time of one gene goes, on this thread. */
async function profile(): Promise<string[]> {
  const kernels = await instantiate(Uint8Array.from(atob(KERNELS), (character) => character.charCodeAt(0)));
  const spent = new Map<string, number>();
  let confirmed = 0;
  const plain = kernels.run;
  const run: Record<string, unknown> = { ...plain };
  for (const name of ["dotOne64", "dotCalls64"] as const) {
    run[name] = (a: number, b: number, bytes: number) => {
      confirmed += 1;
      return plain[name](a, b, bytes);
    };
  }
  const { samples, permutations, variants } = settings;
  const order = new Uint32Array(permutations * samples);
  for (let p = 0; p < permutations; p += 1) order.set(work.permutations.of(p), p * samples);
  const values = work.expression.subarray(0, samples);
  const permuted: PermutedColumns = { genes: 1, permutations, samples, values, order, basis: work.basis };
  const factor = { rows: work.rows, columns: { permuted }, norm: work.norm, weight: 1 };
  const job = {
    kernel: "carriers" as const,
    factors: [factor],
    epilogue: { kind: "columnMax" as const },
    columns: permutations,
    pairs: permutations * variants,
  };
  const whole = (): number => {
    const start = cpu();
    const steps = runJob(kernels, job, engine);
    while (!steps.next().done);
    return cpu() - start;
  };
  whole();
  const all = Math.min(whole(), whole());
  for (const name of LONG) {
    const kernel = plain[name as keyof typeof plain] as unknown as (...of: number[]) => unknown;
    run[name] = (...of: number[]) => {
      const start = cpu();
      const result = kernel(...of);
      spent.set(name, (spent.get(name) ?? 0) + cpu() - start);
      return result;
    };
  }
  Object.assign(kernels, { run });
  whole();
  const micro = (seconds: number) => `${((1e6 * seconds) / permutations).toFixed(2)} µs`;
  const [made, quantised, ...screened] = LONG.map((name) => spent.get(name) ?? 0);
  const screening = screened.reduce((sum, seconds) => sum + seconds, 0);
  const rest = all - made! - quantised! - screening;
  return [
    `One gene, a permutation: ${micro(all)} of processor time: permuting and projecting ${micro(made!)}, quantising ${micro(quantised!)}, screening ${micro(screening)}, the rest ${micro(rest)}: ${(confirmed / permutations).toFixed(1)} f64 products, lists of carriers, entries.`,
  ];
}

/** Processor seconds of this process. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
