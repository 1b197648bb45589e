import { describe, expect, test } from "vitest";
import { buildCohort, type CohortTables } from "../../../src/cohort/cohort.ts";
import type { SampleMatrix } from "../../../src/formats/tables.ts";
import { familyTables, sampleMatrix } from "../../helpers/relatives.ts";

const tables = familyTables(1, { families: 3, children: 2, variants: 3, genes: 4, covariates: 1, h2: 0.5 });
const { samples } = tables.genotypes;
const identity = (): number[][] => samples.map((_, i) => samples.map((_, j) => (i === j ? 1 : 0)));

function build(kind: "given" | "relatedness", matrix: SampleMatrix, more: Partial<CohortTables> = {}) {
  const messages: string[] = [];
  const onMessage = ({ text }: { text: string }): void => void messages.push(text);
  const cohort = buildCohort({ ...tables, covariance: { kind, matrix }, ...more }, { maf: 0, onMessage });
  return { cohort, messages };
}

/** The identity with some entries of pairs changed. */
function changed(...entries: readonly (readonly [number, number, number])[]): SampleMatrix {
  const matrix = identity();
  for (const [i, j, value] of entries) {
    matrix[i]![j] = value;
    matrix[j]![i] = value;
  }
  return sampleMatrix(samples, matrix);
}

describe("a matrix that is no covariance is refused", () => {
  test.each([
    ["not definite, by one pair", () => build("given", changed([2, 5, 1.5]))],
    ["singular", () => build("given", changed([2, 5, 1]))],
    ["a variance of 0", () => build("given", changed([4, 4, 0]))],
    [
      "a relationship not semidefinite",
      () => build("relatedness", changed([1, 2, 0.9], [1, 3, 0.9], [2, 3, -0.9])),
    ],
    [
      "kinship",
      () =>
        build(
          "relatedness",
          sampleMatrix(
            samples,
            identity().map((row) => row.map((x) => x / 2)),
          ),
        ),
    ],
    [
      "samples are lacking",
      () =>
        build(
          "given",
          sampleMatrix(
            samples.slice(2),
            identity()
              .slice(2)
              .map((row) => row.slice(2)),
          ),
        ),
    ],
    [
      "no sample is there",
      () =>
        build(
          "given",
          sampleMatrix(
            samples.map((id) => `X${id}`),
            identity(),
          ),
        ),
    ],
    [
      "without ids, of another size",
      () => build("given", { ...sampleMatrix(samples, identity()), samples: undefined, size: 11 }),
    ],
    [
      "without ids, where files have other orders",
      () =>
        build(
          "given",
          { ...sampleMatrix(samples, identity()), samples: undefined },
          { expression: { ...tables.expression, samples: [...samples].reverse() } },
        ),
    ],
  ])("%s", (_, make) => {
    expect(make).toThrowErrorMatchingSnapshot();
  });
});

test("twins, whose relationship is 1, are taken", () => {
  expect(build("relatedness", changed([2, 3, 1])).cohort.covariance?.kind).toBe("relatedness");
});

test("samples that a list of relatives lacks are unrelated, and that is said", () => {
  const pairs = { first: Uint32Array.of(0), second: Uint32Array.of(1), value: Float64Array.of(0.5) };
  const listed = {
    name: "list",
    samples: ["S2", "S3"],
    size: 2,
    values: pairs,
    absent: "unrelated",
  } as const;
  const { cohort, messages } = build("relatedness", listed);
  expect(messages).toContain("list: 10 of the 12 samples analysed are not in it, and taken as unrelated");
  const whole = build("relatedness", changed([2, 3, 0.5])).cohort;
  expect(cohort.residuals).toEqual(whole.residuals);
});

test("donors: one sample each is an ordinary map, several share a genotype", () => {
  const expression = { ...tables.expression, samples: samples.map((id) => `${id}x`) };
  const covariates = { ...tables.covariates, samples: expression.samples };
  const of = (donor: readonly string[]) => {
    const donors = { name: "donors", sample: expression.samples, donor };
    return buildCohort({ ...tables, expression, covariates, donors }, { maf: 0 });
  };
  expect(of(samples).covariance).toBeUndefined();
  const pairs = of(samples.map((_, s) => samples[s - (s % 2)]!));
  expect(pairs.covariance?.kind).toBe("donors");
  expect(Array.from(pairs.report.genotypeIndex)).toEqual([0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10]);
  expect(pairs.samples).toEqual(expression.samples);
});

test("eigenvectors that memory does not hold are refused before the work; repeated donors too, single ones not", () => {
  const matrix = sampleMatrix(samples, identity());
  const covariance = { kind: "relatedness", matrix } as const;
  const n = samples.length;
  const build = (own: Partial<CohortTables>, memory: number) =>
    buildCohort({ ...tables, ...own }, { maf: 0, memory });
  expect(() => build({ covariance }, 24 * n * n - 1)).toThrow(
    /memory 1 MiB is too little: the eigenvectors of the covariance of 12 samples need 1 MiB; raise --memory/,
  );
  expect(build({ covariance }, 24 * n * n).covariance).toBeDefined();
  expect(build({}, 1).covariance).toBeUndefined();
});
