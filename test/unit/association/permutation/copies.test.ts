import { describe, expect, it } from "vitest";
import { withoutCopies } from "../../../../src/association/permutation/copies.ts";
import { seededPermutations } from "../../../../src/association/permutation/donors.ts";
import { permutationMaxima } from "../../../../src/association/permutation/maxima.ts";
import type { CallRows } from "../../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { testNormal, testRandom } from "../../../helpers/randomCohort.ts";
import { sameBits } from "../../compute/check.ts";

const SAMPLES = 21;
const GENES = 9;

/** Rows of which many are copies: calls, some missing, some with dosages; windows of any size, and rows that are not tested. */
function scene(seed: number) {
  const random = testRandom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const count = 40 + pick(40);
  const stride = Math.ceil(SAMPLES / 4);
  const patterns = Array.from({ length: 1 + pick(12) }, () => ({
    calls: Array.from({ length: SAMPLES }, () => pick(4)),
    remainder: random() < 0.3 ? [[pick(SAMPLES), random() / 4] as const] : [],
    fill: random() * 2,
    norm: random() < 0.1 ? 0 : 1 + random(),
  }));
  const packed = new Uint8Array(count * stride);
  const fill = new Float64Array(count);
  const norm = new Float64Array(count);
  const offset = new Uint32Array(count + 1);
  const sample: number[] = [];
  const value: number[] = [];
  for (let row = 0; row < count; row++) {
    const pattern = patterns[pick(patterns.length)]!;
    pattern.calls.forEach((call, s) => {
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
    });
    [fill[row], norm[row]] = [pattern.fill, pattern.norm];
    for (const [s, more] of pattern.remainder) {
      if (pattern.calls[s] === 3) continue;
      sample.push(s);
      value.push(more);
    }
    offset[row + 1] = sample.length;
  }
  const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  const rows: CallRows = {
    kind: "calls",
    count,
    samples: SAMPLES,
    stride,
    packed,
    fill,
    ...(random() < 0.5 && { remainder }),
  };
  const start = Uint32Array.from({ length: GENES }, () => pick(count + 1));
  const end = start.map((row) => row + pick(count - row + 1));
  const expression = Float64Array.from({ length: GENES * SAMPLES }, () => testNormal(random));
  return { rows, norm, windows: { start, end }, expression, basis: undefined };
}

describe("without copies of rows", () => {
  it("the maxima of permutations are the same, of a third fewer rows", async () => {
    const permutations = seededPermutations(3, 6, SAMPLES);
    let left = 0;
    let all = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const work = scene(seed);
      const fewer = withoutCopies(work);
      left += fewer.rows.count;
      all += work.rows.count;
      const range = { permutations, from: 0, to: permutations.count };
      const expected = await permutationMaxima(createReferenceBackend(), { ...work, ...range });
      const own = await permutationMaxima(createReferenceBackend(), { ...fewer, ...range });
      expect(sameBits(own, expected), `seed ${seed}`).toBe(true);
    }
    expect(left).toBeLessThan(0.7 * all);
  });

  it("a copy stays for the window that begins after its model", () => {
    const rows: CallRows = {
      kind: "calls",
      count: 4,
      samples: 4,
      stride: 1,
      packed: Uint8Array.of(0b01_00_10_01, 0b10_10_00_01, 0b01_00_10_01, 0b01_00_10_01),
      fill: new Float64Array(4),
    };
    const norm = new Float64Array(4).fill(1);
    const windows = { start: Uint32Array.of(0, 1), end: Uint32Array.of(4, 4) };
    const fewer = withoutCopies({ rows, norm, windows });
    expect(Array.from(fewer.rows.packed)).toEqual([0b01_00_10_01, 0b10_10_00_01, 0b01_00_10_01]);
    expect(Array.from(fewer.windows.start)).toEqual([0, 1]);
    expect(Array.from(fewer.windows.end)).toEqual([3, 3]);
    const alone = withoutCopies({
      rows,
      norm,
      windows: { start: Uint32Array.of(0), end: Uint32Array.of(4) },
    });
    expect(alone.rows.count).toBe(2);
  });
});
