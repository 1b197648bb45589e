import { expect, test } from "vitest";
import { mapCis } from "../../../src/association/cis.ts";
import { encodePart } from "../../../src/association/parts.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

const SEEDS = [1, 2, 3];

/** Every part as it is stored, before it is released or not. */
async function partsOf(seed: number, released: boolean): Promise<{ bytes: string[]; buffers: number }> {
  const tables = randomTables(seed, { samples: 30, variants: 3000, genes: 60, covariates: 2 });
  const run = mapCis(buildCohort(tables), { backend: createReferenceBackend(), window: 200_000 });
  const buffers = new Set<ArrayBufferLike>();
  const bytes: string[] = [];
  for await (const part of run.parts()) {
    const { variants: _, ...numbers } = part.batch;
    for (const values of [numbers.slope, numbers.slopeSe, numbers.log10P]) {
      if (values.length > 0) buffers.add(values.buffer);
    }
    bytes.push(Buffer.from(encodePart(part)).toString("base64"));
    if (released) {
      // What anybody writes over it is no part's to read.
      for (const values of [numbers.slope, numbers.slopeSe, numbers.log10P]) values.fill(Number.NaN);
      part.release?.();
      part.release?.();
    }
  }
  return { bytes, buffers: buffers.size };
}

test.each(SEEDS)("seed %i: parts are the same whether their memory is used again or not", async (seed) => {
  const kept = await partsOf(seed, false);
  const released = await partsOf(seed, true);
  expect(kept.bytes.length).toBeGreaterThan(1);
  expect(released.bytes).toEqual(kept.bytes);
  expect(released.buffers).toBeLessThan(kept.buffers);
});
