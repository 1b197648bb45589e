/**
 * How often OLS and HC3 call an interaction that is not there, where the variance of expression does not depend on the context and where it does:
 *   node bench/run.mjs bench/lab/unequalVariance.ts [--samples 200] [--variants 200] [--genes 200] [--seed 1]
 * Each gene follows one variant and the context, and no interaction; the context is normal, or 1 for a fifth of the samples whose residual has three times the deviation.
 */
import { mapTransInteraction } from "../../src/association/interaction/trans.ts";
import { buildCohort } from "../../src/cohort/cohort.ts";
import { createBackend } from "../../src/node/index.ts";
import { normalQuantile } from "../../src/statistics/normal.ts";
import { uniform } from "../../src/statistics/random.ts";
import { memoryGenotypes } from "../../test/helpers/randomCohort.ts";
import { readArguments } from "../arguments.ts";

const settings = readArguments({ samples: 200, variants: 200, genes: 200, seed: 1 });
const { samples: n, variants, genes, seed } = settings;
let stream = 0;
const fresh = (): ((index: number) => number) => {
  const own = ++stream;
  return (index) => uniform(seed, own, index);
};
const backend = await createBackend("wasm");
console.log(
  `${n} samples, ${variants} variants x ${genes} genes, seed ${seed}; each gene follows one variant and the context, none an interaction`,
);
console.log("| context | variance | p <= | OLS | HC3 |");
console.log("|---|---|---|---|---|");
for (const context of ["normal", "a fifth of the samples"] as const) {
  for (const unequal of [false, true]) await report(context, unequal);
}
await backend.dispose();

async function report(kind: "normal" | "a fifth of the samples", unequal: boolean): Promise<void> {
  const ids = Array.from({ length: n }, (_, s) => `S${s}`);
  const contextDraws = fresh();
  const context = ids.map((_, s) => {
    const u = 1e-9 + contextDraws(s) * (1 - 2e-9);
    return kind === "normal" ? normalQuantile(u) : u < 0.2 ? 1 : 0;
  });
  const calls = Array.from({ length: variants }, () => {
    const draw = fresh();
    return ids.map((_, s) => (draw(2 * s) < 0.25 ? 1 : 0) + (draw(2 * s + 1) < 0.25 ? 1 : 0));
  });
  const values = new Float64Array(genes * n);
  for (let g = 0; g < genes; g++) {
    const draw = fresh();
    const cause = calls[g % variants]!;
    for (let s = 0; s < n; s++) {
      const spread = !unequal ? 1 : kind === "normal" ? 0.5 + Math.abs(context[s]!) : 1 + 2 * context[s]!;
      values[g * n + s] =
        0.3 * cause[s]! + 0.5 * context[s]! + spread * normalQuantile(1e-9 + draw(s) * (1 - 2e-9));
    }
  }
  const start = Int32Array.from({ length: genes }, (_, g) => g);
  const cohort = buildCohort(
    {
      genotypes: memoryGenotypes(
        ids,
        calls.map((row, v) => ({ chromosome: "1", position: v + 1, calls: row })),
      ),
      expression: {
        ...{ name: "made", samples: ids, id: Array.from(start, (g) => `G${g}`), values },
        ...{ chromosome: Array.from(start, () => "1"), start, end: start.map((at) => at + 1) },
        strand: Array.from(start, () => "+"),
      },
      contexts: { name: "made", samples: ids, covariates: ["context"], cells: [context.map(String)] },
    },
    { maf: 0 },
  );
  const run = mapTransInteraction(cohort, { backend, pValue: 1, allPairs: true, robustBelow: 1 });
  const ols: number[] = [];
  const hc3: number[] = [];
  for await (const { log10P, extra } of run) {
    ols.push(...log10P);
    hc3.push(...extra!["log10_p_gi_hc3"]!);
  }
  const share = (p: readonly number[], limit: number): string => {
    const rate = p.filter((value) => value <= Math.log10(limit)).length / p.length;
    return `${(100 * rate).toPrecision(3)}%`;
  };
  for (const limit of [0.05, 0.001]) {
    console.log(
      `| ${kind} | ${unequal ? "follows the context" : "equal"} | ${limit} | ${share(ols, limit)} | ${share(hc3, limit)} |`,
    );
  }
}
