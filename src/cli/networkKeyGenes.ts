import { matchChromosomes } from "../cohort/chromosomes.ts";
import { InputError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { type GeneAnnotation, matchGenes } from "../formats/genePlaces.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import type { GeneSets } from "../formats/gmt.ts";
import { openPlink } from "../formats/plink.ts";
import { type ComponentScores, componentScores } from "../network/componentScores.ts";
import { predictFunctions } from "../network/functionPrediction.ts";
import { geneCorrelations } from "../network/geneCorrelation.ts";
import type { GlsFit } from "../network/generalisedLeastSquares.ts";
import { type Membership, membershipOf } from "../network/geneSets.ts";
import { type GeneTests, type PlacedGenes, testGenes } from "../network/geneTests.ts";
import { type GwasVariants, gwasVariants } from "../network/gwasVariants.ts";
import { keyGenes, type NetworkPlaces, type TraitGenes, TraitModel } from "../network/keyGenes.ts";
import { LdReference, type LdReferenceCounts } from "../network/ldReference.ts";
import { nullGwas } from "../network/nullGwas.ts";
import { traitGenes } from "../network/traitGenes.ts";
import { openPlinkFiles, plinkFiles } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { keyGenesReport } from "../report/keyGenesReport.ts";
import { counted } from "../report/numbers.ts";
import type { KeyGenesOptions } from "./networkGraphOptions.ts";
import { finish, type NetworkRunning, withInput, writeTable } from "./networkJob.ts";
import { openReference, type ReferencePanel } from "./networkKeyGeneReference.ts";
import { componentTable, scoreLines, scoreTable } from "./networkKeyGeneScores.ts";
import {
  genePTable,
  keyGeneFacts,
  keyGeneLines,
  keyGeneTable,
  pathwayTable,
} from "./networkKeyGeneTables.ts";
import { type Coregulation, checkMemory, readCoregulation, readGeneSets, reading } from "./networkTables.ts";
import { type Invocation, version } from "./shell.ts";

interface Input {
  readonly network: Coregulation;
  readonly annotation: GeneAnnotation;
  readonly sets: GeneSets | undefined;
}

/** What a trait was found to do with genes. */
export interface KeyGeneResult extends Input {
  readonly gwas: GwasVariants;
  readonly variants: LdReferenceCounts;
  readonly genes: PlacedGenes;
  readonly tests: GeneTests;
  /** Number in the network of each annotated gene, or -1. */
  readonly inNetwork: Int32Array;
  readonly trait: TraitGenes;
  readonly degreesOfFreedom: number;
  /** One a gene of the network, with `--score coregulation`. */
  readonly keyGenes: readonly GlsFit[] | undefined;
  /** With `--score components`. */
  readonly scores: ComponentScores | undefined;
  readonly pathways: readonly { readonly set: Membership; readonly fit: GlsFit | undefined }[];
}

/** `qortex network key-genes`. */
export async function runKeyGenes(options: KeyGenesOptions, shell: Invocation): Promise<void> {
  const { coregulation, genes, geneSets, reference } = options;
  await withInput(
    options,
    "f64 throughout",
    shell,
    {
      open: async (onMessage): Promise<Input> => {
        await plinkFiles(reference);
        return {
          network: await readCoregulation(coregulation, genes, onMessage),
          annotation: await reading(genes, (source) => readAnnotation(source, inflateGzip, true)),
          sets: geneSets === undefined ? undefined : await readGeneSets(geneSets, onMessage),
        };
      },
      facts: ({ network, annotation, sets }) => [
        `${counted(network.ids.length, "gene")} in the network`,
        `${counted(annotation.genes.length, "gene")} placed`,
        ...(sets === undefined ? [] : [counted(sets.sets.length, "gene set")]),
      ],
    },
    async (running, input) => {
      const files = await openPlinkFiles(reference);
      try {
        const source = await openPlink(files, inflateGzip);
        for (const text of source.messages ?? []) running.onMessage({ level: "warning", text });
        const panel = await openReference(source, options, running.onMessage, shell.signal);
        await complete(running, await compute(running, input, panel, options), options);
      } finally {
        await files.close();
      }
    },
  );
}

async function compute(
  running: NetworkRunning,
  input: Input,
  panel: ReferencePanel,
  options: KeyGenesOptions,
): Promise<KeyGeneResult & { readonly source: GenotypeSource }> {
  const { shell, terminal, clock, backend } = running;
  const { signal } = shell;
  const { source, leftOut, whyNone, sexed } = panel;
  const { network, annotation, sets } = input;
  const onProgress = (done: number, total: number) => terminal.progress({ done, total, phase: "testing" });
  const { genes: all, components } = network.profiles;
  // Coefficients and profiles, those of the trait's genes; tiles of regressors or draws; the correlation of a chromosome's genes.
  const numbers = (4 * components + 512) * all + (all / 8) * (all / 8) + source.variantCount * 2;
  checkMemory(`a search for key genes among ${counted(all, "gene")}`, numbers, options.memory);
  const gwas = await reading(options.gwas, (file) => gwasVariants(source, file, inflateGzip, signal));
  if (gwas.counts.used === 0) {
    throw new InputError(
      options.gwas,
      `none of its ${gwas.counts.rows} variants is in ${options.reference}`,
      "chromosome, position (same build) or id, and alleles must agree",
    );
  }
  const reference = await LdReference.open(source, (v) => !Number.isNaN(gwas.chiSquare[v]!), {
    ...{ maf: options.maf, pruneR2: options.pruneR2, leftOut, sexed, signal },
  });
  clock.lap("variants");
  const genes = placedGenes(annotation, source);
  const tests = await testGenes(reference, source, gwas.chiSquare, genes, {
    ...{ window: options.window, whyNone: whyNone(genes), signal, onProgress },
  });
  clock.lap("gene p");
  const inNetwork = numbersIn(network, annotation);
  const correlation = await geneCorrelations(reference, source, tests, {
    ...{ distance: options.ldDistance, signal, onProgress },
  });
  const trait = traitGenes(genes, tests, correlation, inNetwork);
  if (trait.z.length < LEAST_GENES) {
    throw new InputError(
      options.gwas,
      `${counted(trait.z.length, "gene")} with variants in it and in the network; at least ${LEAST_GENES} are needed`,
      "ids of --genes and of the network must agree, and positions of --genes and of --reference",
    );
  }
  const { variance, rankNormal: ranks } = options;
  clock.lap("linkage");
  const nulls = await nullsOf(running, reference, tests, trait.gene, options);
  const model = await TraitModel.of(trait, backend, { variance, ranks, nulls, signal });
  let fits: GlsFit[] | undefined;
  if (options.score !== "components") {
    const places = placesOf(network, genes, inNetwork);
    const { cisDistance } = options;
    fits = [];
    const found = keyGenes(network.profiles, trait, model, places, backend, {
      ...{ cisDistance, signal, onProgress },
    });
    for await (const fit of found) fits.push(fit);
    clock.lap("key genes");
  }
  const scores = await scoresOf(running, network, trait, model, options);
  const pathways = sets === undefined ? [] : await pathwayFits(running, input, sets, trait, model, options);
  clock.lap("gene sets");
  return {
    ...{ ...input, source, gwas, variants: reference.counts, genes, tests, inNetwork, trait },
    ...{ degreesOfFreedom: model.degreesOfFreedom, keyGenes: fits, scores, pathways },
  };
}

async function scoresOf(
  { shell, terminal, clock, backend }: NetworkRunning,
  { profiles }: Coregulation,
  trait: TraitGenes,
  model: TraitModel,
  { score, componentQ: q, draws, seed }: KeyGenesOptions,
): Promise<ComponentScores | undefined> {
  if (score === "coregulation") return undefined;
  const onProgress = (done: number, total: number) => terminal.progress({ done, total, phase: "testing" });
  const scores = await componentScores(profiles, trait, model, backend, {
    ...{ q, draws, seed, signal: shell.signal, onProgress },
  });
  clock.lap("scores");
  return scores;
}

/** z of the trait's genes under random phenotypes, `[phenotype * genes + gene]`; undefined where none are asked for. */
async function nullsOf(
  { shell, terminal, clock, backend }: NetworkRunning,
  reference: LdReference,
  tests: GeneTests,
  genes: Uint32Array,
  { nullGwas: count, seed, memory }: KeyGenesOptions,
): Promise<Float64Array | undefined> {
  if (count === 0) return undefined;
  const all = tests.status.length;
  checkMemory(
    `${counted(count, "null GWAS", "null GWAS")} of ${counted(all, "gene")}`,
    3 * count * all,
    memory,
  );
  const onProgress = (done: number, total: number) => terminal.progress({ done, total, phase: "testing" });
  const { z } = await nullGwas(reference, tests, count, backend, { seed, signal: shell.signal, onProgress });
  clock.lap("null GWAS");
  const values = new Float64Array(count * genes.length);
  for (let k = 0; k < count; k++) {
    genes.forEach((gene, i) => {
      values[k * genes.length + i] = z[k * all + gene]!;
    });
  }
  return values;
}

/** Fewer genes than this are no trait. */
const LEAST_GENES = 30;

function placedGenes({ genes }: GeneAnnotation, source: GenotypeSource): PlacedGenes {
  const { index } = matchChromosomes(
    genes.map(({ chromosome }) => chromosome),
    source.chromosomes,
  );
  return {
    id: genes.map(({ id }) => id),
    chromosome: index,
    start: Int32Array.from(genes, ({ start }) => start + 1),
    end: Int32Array.from(genes, ({ end }) => end),
  };
}

/** Number in the network of each gene of the annotation, or -1. */
function numbersIn({ ids }: Coregulation, annotation: GeneAnnotation): Int32Array {
  const numbers = new Int32Array(annotation.genes.length).fill(-1);
  const { row } = matchGenes(ids, annotation, "");
  row.forEach((gene, number) => {
    if (gene >= 0 && numbers[gene] === -1) numbers[gene] = number;
  });
  return numbers;
}

function placesOf({ ids }: Coregulation, genes: PlacedGenes, inNetwork: Int32Array): NetworkPlaces {
  const chromosome = new Int32Array(ids.length).fill(-1);
  const start = new Int32Array(ids.length);
  const end = new Int32Array(ids.length);
  inNetwork.forEach((number, gene) => {
    if (number < 0) return;
    chromosome[number] = genes.chromosome[gene]!;
    start[number] = genes.start[gene]!;
    end[number] = genes.end[gene]!;
  });
  return { chromosome, start, end };
}

/** One fit a set, by membership or by predicted scores; none for sets with too few of the trait's genes. */
async function pathwayFits(
  { shell, backend }: NetworkRunning,
  { network }: Input,
  sets: GeneSets,
  trait: TraitGenes,
  model: TraitModel,
  { minGenes, pathways }: KeyGenesOptions,
): Promise<KeyGeneResult["pathways"]> {
  const membership = membershipOf(sets, network.ids, network.symbols);
  const { signal } = shell;
  const fitted: { set: Membership; fit: GlsFit | undefined }[] = [];
  const fitTo = async (value: (gene: number) => number): Promise<GlsFit> =>
    (await model.fits(Float64Array.from(trait.network, value), 1, signal))[0]!;
  if (pathways === "membership") {
    for (const set of membership) {
      const isMember = new Set(set.members);
      const enough = trait.network.filter((gene) => isMember.has(gene)).length >= minGenes;
      fitted.push({ set, fit: enough ? await fitTo((gene) => (isMember.has(gene) ? 1 : 0)) : undefined });
    }
    return fitted;
  }
  const members = membership.map((one) => one.members);
  const predictions = predictFunctions(network.profiles, members, backend, {
    leastMembers: minGenes,
    signal,
  });
  for await (const { set, status, score } of predictions) {
    const one = status === "ok" ? await fitTo((gene) => score[gene]!) : undefined;
    fitted.push({ set: membership[set]!, fit: one });
  }
  return fitted;
}

async function complete(
  running: NetworkRunning,
  result: KeyGeneResult & { readonly source: GenotypeSource },
  options: KeyGenesOptions,
): Promise<void> {
  const { format } = options;
  const metadata = { "qortex.version": version() };
  await writeTable(running, await genePTable(result, result.source, metadata), format);
  const { keyGenes: fits, scores } = result;
  if (fits !== undefined) await writeTable(running, keyGeneTable(result, fits, metadata), format);
  if (scores !== undefined) {
    await writeTable(running, scoreTable(result, scores, metadata), format);
    await writeTable(running, componentTable(scores, metadata), format);
  }
  if (result.sets !== undefined) await writeTable(running, pathwayTable(result, metadata), format);
  const { bed, bim, fam } = await plinkFiles(options.reference);
  const { tests, trait, gwas, variants } = result;
  const lines = [...keyGeneLines(result), ...(scores === undefined ? [] : scoreLines(result, scores))];
  await finish(running, options, {
    kind: "network-key-genes",
    title: `Key genes among ${counted(result.network.ids.length, "gene")}`,
    lines,
    page: () => keyGenesReport({ ...keyGeneFacts(result, options), version: version(), lines }),
    counts: {
      gwas: { ...gwas.counts },
      variants: { ...variants },
      genes: tests.status.length,
      genesTested: tests.status.filter((status) => status === "ok").length,
      genesInNetwork: trait.z.length,
    },
    model: "generalised least squares",
    degreesOfFreedom: result.degreesOfFreedom,
    inputs: {
      ...{ coregulation: result.network.path, gwas: options.gwas, genes: options.genes },
      ...{ "gene sets": options.geneSets, "reference bed": bed, "reference bim": bim, "reference fam": fam },
      sex: options.sex,
    },
  });
}
