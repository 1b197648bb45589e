import { describe, expect, test } from "vitest";
import { type ComparedCohort, cohortDifference } from "../../../../src/app/engine/sameCohort.ts";
import type { CohortMarks } from "../../../../src/cohort/marks.ts";
import { sampleIds } from "../../../helpers/cohortFiles.ts";

const INPUTS = [
  { role: "genotypes bed", bytes: 1003 },
  { role: "genotypes bim", bytes: 500 },
  { role: "genotypes fam", bytes: 100 },
  { role: "expression", bytes: 2000 },
  { role: "covariates", bytes: 300 },
] as const;

const MANIFEST = {
  samples: { used: 20 },
  degreesOfFreedom: 15,
  model: "ols",
  options: { maf: 0.01, transform: "none", window: 1000 },
  inputs: INPUTS,
};

const MARKS: CohortMarks = {
  "qortex.samples": "20 (00000001)",
  "qortex.model": "ols",
  "qortex.transform": "none",
  "qortex.covariance": "none",
  "qortex.covariates": "3 (00000002)",
  "qortex.degrees_of_freedom": "15",
};

const OPEN: ComparedCohort = {
  cohort: { samples: sampleIds(20), degreesOfFreedom: 15, model: "ols", marks: MARKS },
  choice: { maf: 0.01, transform: "none" },
  inputs: [...INPUTS, { role: "annotation", bytes: 7 }].map(({ role, bytes }) => ({
    called: role,
    file: { size: bytes },
  })),
};

const withInput = (role: string, bytes: number) => ({
  ...MANIFEST,
  inputs: [...INPUTS.filter((input) => input.role !== role), { role, bytes }],
});
const without = (role: string) => ({
  ...MANIFEST,
  inputs: INPUTS.filter((input) => input.role !== role),
});

describe("whether a result is of the cohort that is open", () => {
  test("it is where all that its manifest says agrees, however much that is", () => {
    const { inputs: _, ...sizeless } = MANIFEST;
    for (const manifest of [MANIFEST, sizeless, { samples: { used: 20 } }, { ...MANIFEST, cohort: MARKS }]) {
      expect(cohortDifference(manifest, "cis", OPEN)).toBeUndefined();
      expect(cohortDifference(manifest, "trans", OPEN)).toBeUndefined();
    }
    // Files that decide neither samples nor values may differ.
    for (const role of ["annotation", "gene positions", "extract", "keep", "interaction"])
      expect(cohortDifference(withInput(role, 1), "cis", OPEN)).toBeUndefined();
  });

  test.each([
    ["samples", { ...MANIFEST, samples: { used: 21 } }, "it has 20 samples, the result 21"],
    [
      "degrees of freedom",
      { ...MANIFEST, degreesOfFreedom: 14 },
      "its degrees of freedom: 15, the result's: 14",
    ],
    ["model", { ...MANIFEST, model: "qtltools" }, "its model: ols, the result's: qtltools"],
    [
      "maf",
      { ...MANIFEST, options: { ...MANIFEST.options, maf: 0.05 } },
      "its maf: 0.01, the result's: 0.05",
    ],
    [
      "transform",
      { ...MANIFEST, options: { ...MANIFEST.options, transform: "inverse-normal" } },
      "its transform: none, the result's: inverse-normal",
    ],
    // Files of the same sizes, other people in them or other numbers.
    [
      "people",
      { ...MANIFEST, cohort: { ...MARKS, "qortex.samples": "20 (00000003)" } },
      "its samples: 20 (00000001), the result's: 20 (00000003)",
    ],
    [
      "numbers of covariates",
      { ...MANIFEST, cohort: { ...MARKS, "qortex.covariates": "3 (00000004)" } },
      "its covariates: 3 (00000002), the result's: 3 (00000004)",
    ],
    ["no samples", { ...MANIFEST, samples: {} }, "the result does not say which samples it is of"],
    ["no manifest", {}, "the result does not say which samples it is of"],
    ...INPUTS.flatMap(({ role, bytes }): [string, object, string][] => [
      [
        `other ${role}`,
        withInput(role, 12_345),
        `its ${role}: ${bytes === 1003 ? "1,003" : bytes === 2000 ? "2,000" : bytes} bytes, the result's: 12,345 bytes`,
      ],
      [`no ${role}`, without(role), `it has ${role}, the result has none`],
    ]),
    ...["relatedness", "error covariance", "donors", "coupling", "sex", "genotypes vcf"].map(
      (role): [string, object, string] => [role, withInput(role, 9), `it has no ${role}, the result has`],
    ),
  ])("it is not with other %s", (_, manifest, why) => {
    expect(cohortDifference(manifest, "cis", OPEN)).toBe(why);
  });

  test("of a network the expression, the covariates and the transform are compared", () => {
    const network = {
      samples: [{ expression: "e.bed", used: 20 }],
      degreesOfFreedom: 18,
      model: "pearson, unsigned",
      options: { transform: "none" },
      inputs: INPUTS.slice(3),
    };
    expect(cohortDifference(network, "network", OPEN)).toBeUndefined();
    expect(cohortDifference({ ...network, inputs: INPUTS.slice(3, 4) }, "network", OPEN)).toBe(
      "it has covariates, the result has none",
    );
    expect(cohortDifference({ ...network, samples: [{ used: 19 }] }, "network", OPEN)).toMatch(/20 samples/);
    // Networks of several cohorts are of none of them.
    expect(cohortDifference({ ...network, samples: [{ used: 20 }, { used: 20 }] }, "network", OPEN)).toMatch(
      /does not say/,
    );
  });
});
