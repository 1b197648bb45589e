/**
 * The 200 adversarial cohorts that every backend must map to the same bytes, each with its genotypes in three forms.
 * Free of any platform, and made with arithmetic that all JavaScript engines round alike: Node and a page make the
 * same cohort of a seed.
 */
import type { PairBatch } from "../../src/association/tables.ts";
import { DENSE_FROM } from "../../src/association/transScreen.ts";
import { buildCohort, type Cohort } from "../../src/cohort/cohort.ts";
import type { Backend, BackendName } from "../../src/compute/backend.ts";
import { log, log10, pow10 } from "../../src/statistics/elementary.ts";
import { mapFiles } from "./mapFiles.ts";
import { memoryGenotypes, testRandom } from "./randomCohort.ts";

export const HOSTILE_COHORTS = 200;
export const FORMS = ["hard calls", "missing calls", "dosages"] as const;
export type Form = (typeof FORMS)[number];

const DISTANCE = 5;
const MISSING = 3;
/** Of a pair that a threshold is laid beside: 0.04 is screened, and above it is room. */
const MOST_LOG10_P = log10(0.04);

/** What became of the cohorts, in order of their seeds. */
export interface HostileMaps {
  /** The files of each map, one text a cohort. */
  readonly files: readonly string[];
  /** Pairs of maps that are screened; of those whose p is so large that all is f64, which is the CPU's. */
  readonly screened: number;
  readonly dense: number;
  readonly pairsBy: Readonly<Record<string, number>>;
}

/** Of any size: monomorphic variants, heavy tails, outliers, constant genes; in two fifths of the variants gaps, or fractions. */
export function hostileCohort(seed: number, form: Form): Cohort {
  const random = testRandom(seed);
  const n = seed % 3 === 0 ? 3 + Math.floor(random() * 12) : 3 + Math.floor(random() * random() * 698);
  const samples = Array.from({ length: n }, (_, i) => `S${i}`);
  const normal = normals(random);
  const variants = Array.from({ length: 5 + Math.floor(random() * 60) }, (_, v) => {
    const share = random();
    const frequency = share * share * share;
    const odd = random() < 0.4 ? random() : 0;
    const call = (): number => (random() < frequency ? 1 : 0) + (random() < frequency ? 1 : 0);
    const calls = samples.map(() => {
      const copies = call();
      const [which, amount] = [random(), random()];
      if (form === "hard calls" || which >= odd) return copies;
      if (form === "missing calls") return which < 0.3 * odd ? MISSING : copies;
      // As imputation writes them: three decimals; now and then none at all.
      return amount < 0.05 ? MISSING : Math.round(2000 * amount) / 1000;
    });
    return { chromosome: v % 2 === 0 ? "1" : "2", position: 1 + v, calls };
  }).sort((a, b) => Number(a.chromosome) - Number(b.chromosome));
  const genes = 1 + Math.floor(random() * 40);
  const tail = (): number => (random() < 0.5 ? normal() : normal() / normal());
  const values = new Float64Array(genes * n);
  for (let g = 0; g < genes; g++) {
    const heavy = random() < 0.4;
    const scale = pow10(Math.floor(random() * 12 - 6));
    const constant = random() < 0.05;
    for (let s = 0; s < n; s++) values[g * n + s] = constant ? 3 : scale * (heavy ? tail() : normal());
    if (random() < 0.1) values[g * n] = 1e6 * scale;
  }
  const k = Math.min(n - 3, Math.floor(random() * 5));
  return buildCohort(
    {
      genotypes: memoryGenotypes(samples, variants),
      expression: {
        name: "expression",
        samples,
        id: Array.from({ length: genes }, (_, g) => `G${g}`),
        chromosome: Array.from({ length: genes }, (_, g) => `${1 + (g % 3)}`),
        start: new Int32Array(genes).fill(10),
        end: new Int32Array(genes).fill(20),
        strand: Array.from({ length: genes }, () => "+"),
        values,
      },
      covariates: {
        name: "covariates",
        samples,
        covariates: Array.from({ length: k }, (_, c) => `C${c}`),
        cells: Array.from({ length: k }, () => samples.map(() => String(normal()))),
      },
    },
    { maf: 0 },
  );
}

/** Marsaglia's polar method, its logarithm the one that all engines share. */
function normals(random: () => number): () => number {
  return () => {
    for (;;) {
      const x = 2 * random() - 1;
      const y = 2 * random() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * log(s)) / s);
    }
  };
}

/** A p-value for each cohort: for half of them within 2 ulp of that of a pair, which `backend` finds. */
export async function hostileThresholds(backend: Backend, form: Form): Promise<number[]> {
  const thresholds: number[] = [];
  for (let seed = 1; seed <= HOSTILE_COHORTS; seed++) {
    const random = testRandom(seed + 777);
    const anywhere = pow10(-0.3 - 4 * random());
    if (seed % 2 === 1) {
      thresholds.push(anywhere);
      continue;
    }
    const cohort = hostileCohort(seed, form);
    const below: number[] = [];
    const onBatch = (batch: PairBatch): void => {
      for (const value of batch.log10P) if (value < MOST_LOG10_P) below.push(value);
    };
    await mapFiles("trans", cohort, backend, { pValue: 1, distance: DISTANCE, onBatch });
    const chosen = below[Math.floor(random() * below.length)];
    const steps = Math.floor(random() * 5) - 2;
    thresholds.push(chosen === undefined ? anywhere : Math.min(0.049, neighbour(pow10(chosen), steps)));
  }
  return thresholds;
}

/** The trans maps of all cohorts, by `backend`. */
export async function hostileMaps(
  backend: Backend,
  form: Form,
  thresholds: readonly number[],
): Promise<HostileMaps> {
  const files: string[] = [];
  const pairsBy: Record<string, number> = {};
  let screened = 0;
  let dense = 0;
  for (const [i, pValue] of thresholds.entries()) {
    const map = await mapFiles("trans", hostileCohort(i + 1, form), backend, { pValue, distance: DISTANCE });
    files.push(`seed ${i + 1}, ${map.rows} pairs: ${map.files.join("; ")}`);
    if (pValue < DENSE_FROM) screened += map.pairs;
    else dense += map.pairs;
    for (const [name, count] of Object.entries(map.pairsBy)) pairsBy[name] = (pairsBy[name] ?? 0) + count;
  }
  return { files, screened, dense, pairsBy };
}

/** What `pairsBy` has to be: nobody but the backend that was asked for, and wasm for the f64 that a GPU has not. */
export function owedBy(name: BackendName, { screened, dense }: HostileMaps): Record<string, number> {
  const gpu = name === "webgpu" || name === "webgl";
  return gpu ? { [name]: screened, wasm: dense } : { [name]: screened + dense };
}

/** The number `steps` doubles away from x > 0. */
function neighbour(x: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(steps));
  return view.getFloat64(0);
}
