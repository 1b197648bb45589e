/**
 * node bench/run.mjs bench/generate.ts --samples 500 --variants 300000 --genes 5000 --covariates 20 --out DIR
 * Also: --chromosomes 22 --scale 1 --missing 0 --cis 200 --trans 100 --seed 1 (the defaults).
 */
import { DEFAULT_SHAPE } from "../src/bench/cohort.ts";
import { writeMadeCohort } from "../src/node/madeCohort.ts";
import { readArguments } from "./arguments.ts";

const { out, ...shape } = readArguments({ ...DEFAULT_SHAPE, out: ".cache/bench/cohort" });
const start = performance.now();
const paths = await writeMadeCohort(out, shape);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(`${shape.samples} samples, ${shape.variants} variants, ${shape.genes} genes in ${seconds} s`);
console.log(
  `--genotypes ${paths.genotypes} --expression ${paths.expression} --covariates ${paths.covariates}`,
);
