import { expect, test } from "vitest";
import { mapCisInteraction } from "../../../src/association/interaction/cis.ts";
import { mapTransInteraction } from "../../../src/association/interaction/trans.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

const SIZE = { samples: 60, variants: 90, genes: 8, covariates: 1 };
const backend = createReferenceBackend();

/** A context that the first `carriers` samples have: of a variant with one call in them, g x context is a multiple of the context. */
function scene(carriers: number) {
  const tables = randomTables(3, SIZE);
  const contexts = {
    name: "c",
    samples: tables.genotypes.samples,
    covariates: ["drug"],
    cells: [tables.genotypes.samples.map((_, s) => (s < carriers ? "1" : "0"))],
  };
  return { tables, cohort: buildCohort({ ...tables, contexts }, { maf: 0 }) };
}

test.each(["cis", "trans"] as const)(
  "%s writes no pair of a variant whose product with the context is collinear",
  async (kind) => {
    for (const carriers of [1, 2]) {
      const { tables, cohort } = scene(carriers);
      const common = { backend, mafInteraction: 0 };
      const run =
        kind === "cis"
          ? mapCisInteraction(cohort, { ...common, window: 1e9 })
          : mapTransInteraction(cohort, { ...common, distance: 0, pValue: 1 });
      const dropped = new Map<string, string>();
      const paired = new Set<string>();
      let pairs = 0;
      for await (const batch of run) {
        batch.dropped.id.forEach((id, i) => void dropped.set(id, batch.dropped.status[i]!));
        for (let i = 0; i < batch.variant.length; i++) {
          pairs++;
          paired.add(batch.variants.id[batch.variant[i]!]!);
          expect(batch.log10P[i]).toBeLessThanOrEqual(0);
          expect(batch.slopeSe[i]).toBeGreaterThan(0);
        }
      }
      const collinear = [...dropped]
        .filter(([, status]) => status === "collinear-interaction")
        .map(([id]) => id);
      const alike = tables.calls.filter((row) => {
        const own = row.slice(0, carriers).map((call) => (call === 3 ? -1 : call));
        return new Set(own).size === 1 && new Set(row.filter((call) => call !== 3)).size > 1;
      });
      expect(collinear).toHaveLength(alike.length);
      expect(collinear.filter((id) => paired.has(id))).toEqual([]);
      expect(run.result().counts.tests).toBe(pairs);
    }
  },
);
