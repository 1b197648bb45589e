import { describe, expect, test } from "vitest";
import { buildCohort, type CohortOptions, type Message } from "../../../src/cohort/cohort.ts";
import { type RandomTables, randomTables, testRandom } from "../../helpers/randomCohort.ts";

const SIZE = { samples: 24, variants: 30, genes: 5, covariates: 3 };

function built(tables: RandomTables, options: CohortOptions = {}) {
  const messages: Message[] = [];
  const cohort = buildCohort(tables, { ...options, onMessage: (message) => messages.push(message) });
  return { cohort, messages };
}

/** The same tables with the samples of expression and covariates in another order. */
function shuffled(tables: RandomTables, seed: number): RandomTables {
  const random = testRandom(seed);
  const { expression, covariates } = tables;
  const n = expression.samples.length;
  const order = (): number[] =>
    Array.from({ length: n }, (_, i) => [random(), i] as const)
      .sort(([a], [b]) => a - b)
      .map(([, i]) => i);
  const byExpression = order();
  const byCovariates = order();
  return {
    ...tables,
    expression: {
      ...expression,
      samples: byExpression.map((i) => expression.samples[i]!),
      values: expression.values.map((_, at) => {
        const gene = Math.floor(at / n);
        return expression.values[gene * n + byExpression[at % n]!]!;
      }),
    },
    covariates: {
      ...covariates,
      samples: byCovariates.map((i) => covariates.samples[i]!),
      cells: covariates.cells.map((cells) => byCovariates.map((i) => cells[i]!)),
    },
  };
}

describe("a cohort", () => {
  test("is the same whatever the order of samples in expression and covariates", () => {
    const tables = randomTables(41, SIZE);
    const { cohort } = built(tables, { transform: "inverse-normal" });
    for (const seed of [1, 2, 3]) {
      const { cohort: other } = built(shuffled(tables, seed), { transform: "inverse-normal" });
      expect(other.samples).toEqual(cohort.samples);
      expect(other.residuals).toEqual(cohort.residuals);
      expect(other.residualNorm).toEqual(cohort.residualNorm);
    }
  });

  test("has residuals of norm 1, orthogonal to the constant and to every covariate", () => {
    const tables = randomTables(42, SIZE);
    const { cohort } = built(tables);
    const n = cohort.samples.length;
    for (let gene = 0; gene < SIZE.genes; gene++) {
      const e = cohort.residuals.subarray(gene * n, (gene + 1) * n);
      const dotWith = (other: (s: number) => number) =>
        e.reduce((sum, value, s) => sum + value * other(s), 0);
      expect(dotWith((s) => e[s]!)).toBeCloseTo(1, 13);
      expect(dotWith(() => 1)).toBeCloseTo(0, 13);
      for (const cells of tables.covariates.cells)
        expect(dotWith((s) => Number(cells[s]))).toBeCloseTo(0, 12);
    }
  });

  test("expression may be huge or tiny: slopes scale, residuals do not", () => {
    const tables = randomTables(43, SIZE);
    const { cohort } = built(tables);
    for (const scale of [2 ** 500, 2 ** -500]) {
      const expression = {
        ...tables.expression,
        values: tables.expression.values.map((value) => value * scale),
      };
      const { cohort: scaled } = built({ ...tables, expression });
      expect(scaled.residuals).toEqual(cohort.residuals);
      expect(scaled.residualNorm).toEqual(cohort.residualNorm.map((norm) => norm * scale));
    }
  });

  test("sorts genes by the genotypes' chromosomes, then position, then the file's order", () => {
    const tables = randomTables(44, { ...SIZE, genes: 6 });
    const expression = {
      ...tables.expression,
      chromosome: ["2", "MT", "chr1", "1", "chr1", "2"],
      start: Int32Array.of(5, 1, 900, 100, 100, 4),
      end: Int32Array.of(6, 2, 901, 101, 101, 5),
    };
    const { cohort, messages } = built({ ...tables, expression });
    expect(cohort.genes.id).toEqual(["G3", "G4", "G2", "G5", "G0", "G1"]);
    expect([...cohort.genes.start]).toEqual([101, 101, 901, 5, 6, 2]);
    expect([...cohort.geneChromosome]).toEqual([0, 0, 0, 1, 1, -1]);
    expect(messages.map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "chromosome names differ: 2 in expression is chr2 in memory; taken as the same",
        "expression: 1 gene on chromosomes that memory lacks (MT)",
      ]
    `);
  });

  test("degrees of freedom count the covariates that are left; many of them warn", () => {
    const tables = randomTables(45, { ...SIZE, covariates: 7 });
    const covariates = {
      ...tables.covariates,
      covariates: [...tables.covariates.covariates, "twice", "same"],
      cells: [
        ...tables.covariates.cells,
        tables.covariates.cells[0]!.map((cell) => String(2 * Number(cell) + 1)),
        tables.covariates.samples.map(() => "7"),
      ],
    };
    const { cohort, messages } = built({ ...tables, covariates });
    expect(cohort.degreesOfFreedom).toBe(24 - 2 - 7);
    expect(cohort.report.covariatesUsed).toEqual(tables.covariates.covariates);
    expect(messages).toMatchInlineSnapshot(`
      [
        {
          "level": "warning",
          "text": "covariate twice dropped: collinear with C0",
        },
        {
          "level": "info",
          "text": "covariate same dropped: constant",
        },
        {
          "level": "warning",
          "text": "7 covariates for 24 samples (more than a quarter): the map loses much of its power",
        },
        {
          "level": "info",
          "text": "chromosome names differ: 1 in expression is chr1 in memory; taken as the same",
        },
      ]
    `);
  });

  test("expression whose sum overflows is an error", () => {
    const tables = randomTables(50, SIZE);
    const values = tables.expression.values.map((value, i) => (i < SIZE.samples ? 5e307 + value : value));
    const expression = { ...tables.expression, values: values.map((v, i) => (i === 3 ? v / 2 : v)) };
    expect(() => built({ ...tables, expression })).toThrowErrorMatchingInlineSnapshot(
      `[InputError: expression, gene G0: values so large that their sum passes the largest 64-bit number (1.8e308); write the expression in larger units]`,
    );
  });

  test("genotypes that call one chromosome by two names are an error", () => {
    const tables = randomTables(51, SIZE);
    const genotypes = { ...tables.genotypes, chromosomes: ["23", "chrX"] };
    expect(() => built({ ...tables, genotypes })).toThrowErrorMatchingInlineSnapshot(
      `[InputError: memory: chromosome X goes by two names, 23 and chrX; give it one: plink2 --make-pgen --output-chr chrM --sort-vars, then --make-bed]`,
    );
  });

  test("too few samples for the covariates, or at all, is an error", () => {
    expect(() =>
      built(randomTables(46, { ...SIZE, samples: 9, covariates: 7 })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[InputError: covariates: 9 samples are too few for 7 covariates: at least 10 are needed; use fewer covariates]`,
    );
    expect(() =>
      built(randomTables(47, { ...SIZE, samples: 2, covariates: 0 })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[InputError: expression: only 2 samples in all files; 3 are needed at the very least]`,
    );
    expect(built(randomTables(48, { ...SIZE, samples: 10, covariates: 7 })).cohort.degreesOfFreedom).toBe(1);
  });

  test("several versions of one Ensembl id are a note, each a gene of its own", () => {
    const tables = randomTables(49, SIZE);
    const { expression } = tables;
    const version = (gene: string, ...at: readonly number[]) =>
      at.map((one) => `ENSG0000000000${gene}.${one}`);
    const own = [
      ...version("1", 2, 3),
      ...version("2", 1),
      "ENSG00000000003.1_PAR_Y",
      "ENSG00000000003.1",
      "g.1",
      "g.2",
    ];
    const id = expression.id.map((other, g) => own[g] ?? other);
    const { cohort, messages } = built({ ...tables, expression: { ...expression, id } });
    const said = messages.filter(({ text }) => text.includes("versions"));
    expect(said).toEqual([
      {
        level: "info",
        text: `${expression.name}: 1 gene is there in several versions of the Ensembl id (ENSG00000000001.2 and ENSG00000000001.3): each version is tested as a gene of its own`,
      },
    ]);
    expect(cohort.genes.id).toEqual(expect.arrayContaining(own.slice(0, SIZE.genes)));
    expect(built(tables).messages.filter(({ text }) => text.includes("versions"))).toEqual([]);
  });

  test("one sample is one sample", () => {
    expect(() => built(randomTables(47, { ...SIZE, samples: 1, covariates: 0 }))).toThrow(
      /only 1 sample in all/,
    );
  });

  test("donors with several samples are pointed out", () => {
    const tables = randomTables(49, SIZE);
    const { samples } = tables.genotypes;
    const coupling = {
      name: "coupling.tsv",
      genotypeSample: samples,
      expressionSample: samples,
      donor: samples.map((_, i) => `D${Math.min(i, 21)}`),
    };
    const messages: Message[] = [];
    buildCohort({ ...tables, coupling }, { onMessage: (message) => messages.push(message) });
    expect(messages.filter(({ level }) => level === "warning")).toMatchInlineSnapshot(`
      [
        {
          "level": "warning",
          "text": "coupling.tsv: 1 donor has several samples (D21 has 3); they are tested as if independent, so p-values are too small: give --donors in place of --coupling, or keep one sample a donor with --remove",
        },
      ]
    `);
  });
});
