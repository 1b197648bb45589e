/** Panels by a kernel keep what the screen by carriers is promised of them (screen/panels.ts). */
import { expect, it } from "vitest";
import { emptyColumnMeasures, inspectColumn } from "../../../src/compute/screen/columns.ts";
import { emptyPanels, type Group, PANEL_GENES, panelLength } from "../../../src/compute/screen/panels.ts";
import { kernelBytes } from "../../../src/compute/wasm/kernelBytes.ts";
import { instantiate } from "../../../src/compute/wasm/kernels.ts";
import { PanelMaker } from "../../../src/compute/wasm/panelMaker.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";

/** Columns of sum 0 and norm 1: bell-shaped, with long tails, of few values; one is all 0, and one sums to 1e-7, which the kernel does not take. */
function columnsOf(seed: number, count: number, samples: number) {
  const random = testRandom(seed);
  const values = new Float64Array(count * samples);
  for (let j = 0; j < count; j++) {
    const e = values.subarray(j * samples, (j + 1) * samples);
    if (j === 3) continue;
    for (let s = 0; s < samples; s++)
      e[s] = j % 3 === 2 ? Math.floor(3 * random()) : testNormal(random) ** (1 + 2 * (j % 3));
    const mean = e.reduce((a, b) => a + b, 0) / samples;
    const norm = Math.sqrt(e.reduce((sum, x) => sum + (x - mean) ** 2, 0));
    for (let s = 0; s < samples; s++) e[s] = (e[s]! - mean) / norm + (j === 5 ? 1e-7 / samples : 0);
  }
  return { count, samples, values, standardised: true };
}

it.each([
  [1, 37, 50, 1024],
  [2, 70, 500, 1024],
  [4, 33, 203, 96],
  [4, 64, 499, 1024],
] as const)(
  "in groups of %i: %i columns of %i samples, stretches of %i",
  async (group: Group, count, samples, stretch) => {
    const columns = columnsOf(group, count, samples);
    const panels = emptyPanels(columns, group, stretch);
    const measured = emptyColumnMeasures(count, samples, (bytes) => new ArrayBuffer(bytes));
    const maker = new PanelMaker(await instantiate(kernelBytes()), panels);
    for (let j = 0; j < count; j++)
      inspectColumn(columns.values.subarray(j * samples, (j + 1) * samples), j, measured);
    for (let p = 0; p < Math.ceil(count / PANEL_GENES); p++) maker.make(columns, measured, p, panels);
    for (let j = 0; j < (panels.integers.length / panelLength(panels)) * PANEL_GENES; j++) {
      const q = integersOf(panels, j);
      if (j >= count || j === 3) {
        expect(
          q.every((value) => value === 0),
          `column ${j}`,
        ).toBe(true);
        if (j < count) expect(panels.scale[j]).toBe(0);
        continue;
      }
      const scale = panels.scale[j]!;
      expect(
        q.reduce((a, b) => a + b, 0),
        `column ${j}: sum`,
      ).toBe(0);
      const sizes = Array.from(q, Math.abs).sort((a, b) => b - a);
      expect(
        sizes.slice(0, group).reduce((a, b) => a + b, 0),
        `column ${j}: largest`,
      ).toBeLessThanOrEqual(127);
      const left = Array.from(q, (value, s) => columns.values[j * samples + s]! - scale * value);
      const remainder = Math.sqrt(left.reduce((sum, d) => sum + d * d, 0));
      expect(panels.remainder[j], `column ${j}: remainder`).toBeGreaterThanOrEqual(remainder);
      expect(panels.remainder[j], `column ${j}: remainder`).toBeLessThan(1.01 * remainder + 1e-5);
      expect([panels.length[j], panels.sum[j]]).toEqual([measured.length[j], measured.sum[j]]);
    }
  },
);

/** The integers of one column, in the order of the samples. */
function integersOf({ samples, stretch, integers }: ReturnType<typeof emptyPanels>, j: number): Int8Array {
  const start = Math.floor(j / PANEL_GENES) * panelLength({ samples, stretch }) + (j % PANEL_GENES);
  return Int8Array.from(
    { length: samples },
    (_, s) => integers[start + PANEL_GENES * (s + Math.floor(s / stretch))]!,
  );
}
