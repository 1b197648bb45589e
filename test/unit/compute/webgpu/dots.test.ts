/** Every variant of the kernels' integer dot products, int32 by int32, against sums in JavaScript. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rows } from "../../../../src/compute/backend.ts";
import type { Digits } from "../../../../src/compute/screen/columns.ts";
import { type ScreenCohort, screenCohorts } from "../../../../src/compute/screen/job.ts";
import { emptyMeasures, measureCalls, quantiseReal } from "../../../../src/compute/screen/rows.ts";
import { WebGpuColumns } from "../../../../src/compute/webgpu/columns.ts";
import { loadColumns } from "../../../../src/compute/webgpu/columnTile.ts";
import { compileKernel, type Kernel, SCREEN } from "../../../../src/compute/webgpu/pipelines.ts";
import { type GpuJob, loadRows } from "../../../../src/compute/webgpu/rowTile.ts";
import type { Session } from "../../../../src/compute/webgpu/session.ts";
import { STORAGE } from "../../../../src/compute/webgpu/usage.ts";
import { BLOCKS, type Block, sidesOf } from "../../../../src/compute/webgpu/variants.ts";
import { factorOf, randomCalls, randomColumns, randomReals, type TestFactor } from "../cohorts.ts";
import { Random } from "../random.ts";
import { testSession } from "./device.ts";

const text = readFileSync(new URL("screen_dots.wgsl", import.meta.url), "utf8");

const VARIANTS = [true, false].flatMap((packedDot) =>
  ([1, 2] as const).flatMap((digits) =>
    Object.entries(BLOCKS).map(([name, block]) => {
      const title = `${packedDot ? "by the instruction" : "in f32"}, ${digits} digits, ${name} blocks`;
      return { title, packedDot, digits, block };
    }),
  ),
);

describe.each(VARIANTS)("integer dots $title", ({ packedDot, digits, block }) => {
  let session: Session;
  let kernel: Kernel;
  beforeAll(async () => {
    const variant = { packedDot, subgroups: false };
    session = await testSession(variant);
    const constants = { DIGITS: digits, ...sidesOf(block) };
    const bindings = [...SCREEN, "write" as const];
    kernel = await compileKernel(session.device, variant, { label: "dots", text, bindings, constants });
  });
  afterAll(() => session.destroy());

  it.each([
    // One pair, whole blocks and one more, lines of whole chunks and one sample more.
    [1, 1, 1],
    [64, 64, 64],
    [128, 16, 256],
    [65, 65, 257],
    [129, 17, 63],
    [2, 128, 5],
    [128, 3, 97],
  ])("%i rows, %i columns, %i samples", async (rows, columns, samples) => {
    const random = new Random(rows * columns + samples);
    expect(
      await wrongDots(session, kernel, block, digits, randomFactors(random, rows, columns, samples)),
    ).toBe("");
  });

  it("of random ragged shapes", async () => {
    for (let seed = 0; seed < 8; seed += 1) {
      const random = new Random(500 + seed);
      const [rows, columns] = [random.integer(1, 128), random.integer(1, 100)];
      const factors = randomFactors(random, rows, columns, random.integer(2, 300));
      expect(await wrongDots(session, kernel, block, digits, factors), `seed ${500 + seed}`).toBe("");
    }
  });

  it("of numbers as large as they come, over more samples than one f32 sum takes", async () => {
    const factors = [extremes(4500)];
    expect(await wrongDots(session, kernel, block, digits, factors)).toBe("");
  });
});

/** Two cohorts, one of calls and one of numbers, so that offsets matter. */
function randomFactors(random: Random, rows: number, columns: number, samples: number): TestFactor[] {
  const second = random.integer(2, 40);
  const make = (left: Rows, n: number) => factorOf(random, left, randomColumns(random, columns, n, true), 1);
  return [
    make(randomCalls(random, rows, samples), samples),
    make(randomReals(random, rows, second), second),
    make(randomCalls(random, rows, second), second),
  ];
}

/** Rows and columns of +-1: their integers are +-127, or with two digits as many as an int32 sum takes. */
function extremes(samples: number): TestFactor {
  const sign = (line: number, s: number) => ((s >> line) & 1 ? 1 : -1);
  const [count, width] = [3, 2];
  const fill = (lines: number, size: number) =>
    Float64Array.from(
      { length: lines * samples },
      (_, at) => size * sign(Math.floor(at / samples), at % samples),
    );
  const rows = { kind: "real" as const, count, samples, values: fill(count, 1) };
  const columns = { count: width, samples, values: fill(width, 1 / Math.sqrt(samples)), standardised: true };
  return { rows, columns, norm: new Float64Array(count).fill(Math.sqrt(samples)), weight: 1 };
}

/** The first product that is not what it should be, in words. */
async function wrongDots(
  session: Session,
  kernel: Kernel,
  block: Block,
  digits: Digits,
  factors: readonly TestFactor[],
): Promise<string> {
  const own = factors.map((factor) => ({ ...factor, columns: new WebGpuColumns(factor.columns) }));
  const cohorts = await screenCohorts(own, digits);
  const { count: rows } = factors[0]!.rows;
  const { count: columns } = factors[0]!.columns;
  const [windows, boundScale, pairs] = [undefined, undefined, rows * columns];
  const job: GpuJob = { cohorts, digits, rows, columns, windows, pairs, boundScale };
  for (const [c, cohort] of cohorts.entries()) {
    const found = await dotsOf(session, kernel, block, job, c);
    const wrong = firstDifference(cohort, found, columns);
    if (wrong !== "") return `cohort ${c}: ${wrong}`;
  }
  for (const { columns: held } of own) await held.dispose();
  return "";
}

function dotsOf(session: Session, kernel: Kernel, block: Block, job: GpuJob, cohort: number) {
  return session.borrowing(async (take) => {
    const { rows, columns, digits } = job;
    const chunks = [];
    for (const { factor } of job.cohorts)
      chunks.push(await factor.columns.uploaded(session, digits, 2 ** 20));
    const tile = await loadRows(session, take, job, 0, rows);
    const threshold = new Float32Array(columns);
    const right = await loadColumns(session, take, job, block, tile, chunks, 0, columns, threshold);
    const bytes = 4 * rows * columns;
    const out = await take("dots", bytes, STORAGE);
    const params = await session.params(take, "dots", [
      rows,
      columns,
      job.cohorts.length,
      cohort,
      0,
      rows,
      0,
      0,
    ]);
    const buffers = [params, ...right!.buffers.slice(0, -1), out];
    const grid = [Math.ceil(columns / block.columns), Math.ceil(rows / block.rows)] as const;
    const dispatches = [{ kernel, buffers, grid }];
    const { results } = await session.run({
      what: "dots",
      dispatches,
      wanted: [{ buffer: out, from: 0, bytes }],
    });
    return new Int32Array(results[0]!);
  });
}

function firstDifference({ factor, integers }: ScreenCohort, found: Int32Array, columns: number): string {
  const { samples, stride, integers: q } = integers;
  const k = integersOf(factor.rows);
  for (let row = 0; row < factor.rows.count; row += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let s = 0; s < samples; s += 1) sum += k[row * samples + s]! * q[j * stride + s]!;
      const own = found[row * columns + j];
      if (own !== sum) return `row ${row}, column ${j}, ${samples} samples: ${own}, not ${sum}`;
    }
  }
  return "";
}

/** The integers that stand for rows, by their definition. */
function integersOf(rows: Rows): Int16Array {
  const { count, samples } = rows;
  const out = new Int16Array(count * samples);
  if (rows.kind === "real") {
    quantiseReal(rows, 0, count, emptyMeasures(count), out, samples);
    return out;
  }
  const terms = new Int16Array(2 * count);
  measureCalls(rows, 0, count, emptyMeasures(count), terms);
  return out.map((_, at) => {
    const [row, s] = [Math.floor(at / samples), at % samples];
    const call = (rows.packed[row * rows.stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
    return call === 3 ? terms[2 * row + 1]! : terms[2 * row]! * call;
  });
}
