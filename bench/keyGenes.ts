/**
 * How often key genes are called of phenotypes that are random: nothing is associated, so every one called is a false one. The demo's chromosome 22 is the reference and (its
 * expression, 50 components) the network; phenotype k follows from its number. p by t, by null GWAS, and both with the linkage of genes ignored; and of scores over components, of
 * phenotypes that are random (all taken that come first, whatever their q), and of random ones to which a fifth of the components were added: of genes that have them as it happens.
 *
 * node bench/run.mjs bench/keyGenes.ts --phenotypes 300 --nulls 1000
 */
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { componentScores } from "../src/network/componentScores.ts";
import { geneComponents } from "../src/network/components.ts";
import { geneProfiles } from "../src/network/coregulation.ts";
import { expressionRows } from "../src/network/expressionRows.ts";
import { type CorrelationBlock, geneCorrelations } from "../src/network/geneCorrelation.ts";
import type { GlsFit } from "../src/network/generalisedLeastSquares.ts";
import { testGenes } from "../src/network/geneTests.ts";
import { keyGenes, TraitModel } from "../src/network/keyGenes.ts";
import { LdReference } from "../src/network/ldReference.ts";
import { nullGwas } from "../src/network/nullGwas.ts";
import { nullLaw, nullLog10P } from "../src/network/nullMoments.ts";
import { traitGenes } from "../src/network/traitGenes.ts";
import { openCohort, openExpression } from "../src/node/index.ts";
import { spawnThread } from "../src/node/threads.ts";
import { uniform } from "../src/statistics/random.ts";
import { readArguments } from "./arguments.ts";
import { machine } from "./scene.ts";

const { phenotypes, nulls, components, threads, scores } = readArguments({
  ...{ phenotypes: 300, nulls: 1000, components: 50, threads: 2, scores: 100 },
});
const folder = "examples/geuvadis-chr22";
const expression = `${folder}/expression.bed.gz`;
const backend = await createWasmBackend({ threads, spawn: spawnThread });
const cohort = await openCohort({ genotypes: `${folder}/genotypes`, expression });
const { genotypes: source } = cohort.tables;
const placed = cohort.genes;
const set = await openExpression({ expression, covariates: `${folder}/covariates.txt` }, {});
const rows = expressionRows(set);
const count = rows.gene.length;
const found = await geneComponents(rows.values, count, rows.samples, backend, { count: components });
const profiles = geneProfiles(found);
const ids = Array.from(rows.gene, (g) => set.id[g]!);
const number = new Map(placed.id.map((id, g) => [id, g]));
const own = ids.map((id) => number.get(id)!);
const place = (of: (gene: number) => number): Int32Array => Int32Array.from(own, of);
const genes = {
  id: ids,
  chromosome: new Int32Array(count),
  start: place((g) => placed.start[g]!),
  end: place((g) => placed.end[g]!),
};
const reference = await LdReference.open(source, () => true);
const tests = await testGenes(reference, source, new Float64Array(source.variantCount).fill(1), genes);
const linked = await geneCorrelations(reference, source, tests);
const network = Int32Array.from(ids, (_, g) => g);
const unlinked = (blocks: readonly CorrelationBlock[]): CorrelationBlock[] =>
  blocks.flatMap((block) =>
    Array.from(block.genes, (gene) => ({ genes: Uint32Array.of(gene), matrix: Float64Array.of(1) })),
  );
console.log(machine());
console.log(
  `${reference.counts.kept} variants, ${count} genes, ${components} components, ${nulls} null GWAS, ${phenotypes} phenotypes`,
);
console.log("| p | genes tested | at 0.5 | at 0.05 | at 0.01 | at 0.001 |\n|---|---|---|---|---|---|");
const law = await nullGwas(reference, tests, nulls, backend, { seed: 1 });
const traits = await nullGwas(reference, tests, phenotypes, backend, { seed: 2 });
const line = (kind: string, list: readonly number[]): void => {
  const share = (limit: number): string => {
    const part = list.filter((value) => value <= Math.log10(limit)).length / list.length;
    return `${(100 * part).toFixed(2)}%`;
  };
  console.log(`| ${kind} | ${list.length} | ${[0.5, 0.05, 0.01, 0.001].map(share).join(" | ")} |`);
};
await scoresOver();
for (const [name, blocks] of [
  ["", linked],
  [", linkage ignored", unlinked(linked)],
] as const) {
  const trait = traitGenes(genes, tests, blocks, network);
  const of = (all: Float64Array, k: number): Float64Array =>
    Float64Array.from(trait.gene, (gene) => all[k * count + gene]!);
  const nullZ = new Float64Array(nulls * trait.gene.length);
  for (let k = 0; k < nulls; k++) nullZ.set(of(law.z, k), k * trait.gene.length);
  const fitsOf = async (z: Float64Array, random?: Float64Array): Promise<GlsFit[]> => {
    const model = await TraitModel.of({ ...trait, z }, backend, { nulls: random });
    const fits: GlsFit[] = [];
    for await (const fit of keyGenes(profiles, trait, model, genes, backend)) fits.push(fit);
    return fits;
  };
  const moments = (await fitsOf(of(traits.z, 0), nullZ)).map((fit) => fit.null);
  const shape = nullLaw(moments.flatMap((one) => one ?? []));
  const [byT, byNull]: [number[], number[]] = [[], []];
  for (let k = 0; k < phenotypes; k++) {
    (await fitsOf(of(traits.z, k))).forEach((fit, i) => {
      byT.push(fit.log10P);
      byNull.push(nullLog10P(fit.t, moments[i], shape));
    });
  }
  for (const [kind, list] of [
    ["t", byT],
    ["null GWAS", byNull],
  ] as const) {
    line(`${kind}${name}`, list);
  }
  console.log(
    `kurtosis of t under null GWAS ${shape.kurtosis.toFixed(2)}, skewness ${shape.skewness.toFixed(3)}`,
  );
}
await backend.dispose();
await cohort.close();

/** p of scores over components: of random phenotypes, and with a fifth of the components added to them. */
async function scoresOver(): Promise<void> {
  const trait = traitGenes(genes, tests, linked, network);
  const found = new Map<string, number[]>();
  const add = (kind: string, log10P: Float64Array): void => {
    found.set(kind, [...(found.get(kind) ?? []), ...log10P.filter((value) => !Number.isNaN(value))]);
  };
  let none = 0;
  for (let k = 0; k < scores; k++) {
    const z = Float64Array.from(trait.gene, (gene) => traits.z[k * count + gene]!);
    for (const planted of [false, true]) {
      const own = z.map((value, i) => {
        let sum = value;
        for (let c = k % 5; planted && c < components; c += 5) {
          const sign = uniform(3, k, c) < 0.5 ? -1 : 1;
          sum += 0.3 * sign * profiles.coefficients[trait.network[i]! * components + c]!;
        }
        return sum;
      });
      const model = await TraitModel.of({ ...trait, z: own }, backend);
      const options = { q: planted ? 0.05 : 1, draws: 1000, seed: k };
      const result = await componentScores(profiles, { ...trait, z: own }, model, backend, options);
      if (result.selected === 0) none++;
      add(`score, ${planted ? "planted" : "random"}`, result.log10P);
      add(`score beside draws as strong, ${planted ? "planted" : "random"}`, result.log10PMatched);
    }
  }
  for (const [kind, list] of found) line(kind, list);
  console.log(`${none} of ${scores} planted ones without a component`);
}
