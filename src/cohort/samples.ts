import { InputError } from "../errors.ts";
import type { Coupling, DonorList } from "../formats/tables.ts";
import { counted } from "../formats/wording.ts";
import { looksTransposed, suggestionText, suggestMapping } from "./suggest.ts";

/** Who is analysed, and who is not and why. Lists hold the ids as their own file writes them. */
export interface SampleMatch {
  /** Samples analysed, by expression id, in the order of the genotype file. */
  readonly samples: readonly string[];
  /** For each sample analysed, its index in the genotype, expression and covariate files. */
  readonly genotypeIndex: Uint32Array;
  readonly expressionIndex: Uint32Array;
  /** Empty without covariates. */
  readonly covariateIndex: Uint32Array;
  /** Empty without contexts. */
  readonly contextIndex: Uint32Array;
  readonly genotypesOnly: readonly string[];
  readonly expressionOnly: readonly string[];
  readonly covariatesOnly: readonly string[];
  /** Samples with genotypes and expression that the covariates lack. */
  readonly withoutCovariates: readonly string[];
  /** Samples in all other files that the contexts lack. */
  readonly withoutContexts: readonly string[];
  /** Samples in all files that `--keep` or `--remove` leaves out. */
  readonly removed: number;
  /** Ids of `--keep`, `--remove`, the coupling file and the donors that are in no file. */
  readonly unknown: readonly string[];
}

export interface SampleLists {
  readonly genotypes: { readonly name: string; readonly samples: readonly string[] };
  readonly expression: {
    readonly name: string;
    readonly samples: readonly string[];
    /** To tell a transposed table. */
    readonly genes?: readonly string[] | undefined;
  };
  readonly covariates: { readonly name: string; readonly samples: readonly string[] } | undefined;
  /** Of an interaction map. */
  readonly contexts?: { readonly name: string; readonly samples: readonly string[] } | undefined;
  readonly coupling: Coupling | undefined;
  readonly donors?: DonorList | undefined;
  readonly keep: readonly string[] | undefined;
  readonly remove: readonly string[] | undefined;
}

function indexById(samples: readonly string[]): Map<string, number> {
  return new Map(samples.map((id, i) => [id, i]));
}

/** The expression samples of each genotype sample, where a file says so. */
function partnersOf(
  coupling: Coupling | undefined,
  donors: DonorList | undefined,
): ReadonlyMap<string, readonly string[]> | undefined {
  if (coupling !== undefined) {
    return new Map(coupling.genotypeSample.map((id, i) => [id, [coupling.expressionSample[i] ?? ""]]));
  }
  if (donors === undefined) return undefined;
  const partners = new Map<string, string[]>();
  donors.donor.forEach((donor, i) => {
    partners.set(donor, [...(partners.get(donor) ?? []), donors.sample[i]!]);
  });
  return partners;
}

/**
 * Pairs genotype samples with expression samples (by the coupling file or the donors where there are some, else by
 * equal ids), then with covariates (by either id). Throws {@link InputError} when nothing is left.
 */
export function matchSamples(lists: SampleLists): SampleMatch {
  const { genotypes, expression, covariates, contexts, coupling } = lists;
  const contextOf = contexts && indexById(contexts.samples);
  const expressionOf = indexById(expression.samples);
  const covariateOf = covariates === undefined ? undefined : indexById(covariates.samples);
  const partners = partnersOf(coupling, lists.donors);
  const keep = lists.keep && new Set(lists.keep);
  const remove = new Set(lists.remove ?? []);

  const used: { id: string; genotype: number; expression: number; covariate: number; context: number }[] = [];
  const genotypesOnly: string[] = [];
  const withoutCovariates: string[] = [];
  const withoutContexts: string[] = [];
  const seen = new Uint8Array(expression.samples.length);
  let removed = 0;
  const take = (id: string, genotypeId: string, genotype: number, at: number): void => {
    seen[at] = 1;
    const covariate = covariateOf === undefined ? -1 : (covariateOf.get(id) ?? covariateOf.get(genotypeId));
    const context = contextOf === undefined ? -1 : (contextOf.get(id) ?? contextOf.get(genotypeId));
    if (covariate === undefined) withoutCovariates.push(id);
    else if (context === undefined) withoutContexts.push(id);
    else if ((keep && !keep.has(id) && !keep.has(genotypeId)) || remove.has(id) || remove.has(genotypeId))
      removed++;
    else used.push({ id, genotype, expression: at, covariate, context });
  };
  genotypes.samples.forEach((genotypeId, genotype) => {
    const ids = partners === undefined ? [genotypeId] : (partners.get(genotypeId) ?? []);
    const expressed = ids.flatMap((id) => {
      const at = expressionOf.get(id);
      return at === undefined ? [] : [{ id, at }];
    });
    if (expressed.length === 0) genotypesOnly.push(genotypeId);
    // Several samples of a donor in the order of the expression.
    for (const { id, at } of expressed.sort((a, b) => a.at - b.at)) take(id, genotypeId, genotype, at);
  });

  const known = new Set([...genotypes.samples, ...expression.samples, ...(covariates?.samples ?? [])]);
  const listed = [
    ...(lists.keep ?? []),
    ...(lists.remove ?? []),
    ...(coupling?.genotypeSample ?? []),
    ...(coupling?.expressionSample ?? []),
    ...(lists.donors?.sample ?? []),
    ...(lists.donors?.donor ?? []),
  ];
  const elsewhere = new Set([...expression.samples, ...genotypes.samples]);
  const match: SampleMatch = {
    samples: used.map((sample) => sample.id),
    genotypeIndex: Uint32Array.from(used, (sample) => sample.genotype),
    expressionIndex: Uint32Array.from(used, (sample) => sample.expression),
    covariateIndex:
      covariates === undefined ? new Uint32Array(0) : Uint32Array.from(used, (sample) => sample.covariate),
    contextIndex:
      contexts === undefined ? new Uint32Array(0) : Uint32Array.from(used, (sample) => sample.context),
    genotypesOnly,
    expressionOnly: expression.samples.filter((_, i) => seen[i] === 0),
    covariatesOnly: (covariates?.samples ?? []).filter((id) => !elsewhere.has(id)),
    withoutCovariates,
    withoutContexts,
    removed,
    unknown: [...new Set(listed.filter((id) => !known.has(id)))],
  };
  if (used.length === 0) throw noSamples(lists, match);
  return match;
}

function noSamples(lists: SampleLists, match: SampleMatch): InputError {
  const { genotypes, expression, covariates, contexts } = lists;
  if (match.removed > 0) {
    return new InputError(
      "--keep/--remove",
      `leave none of the ${match.removed} samples that the files share`,
    );
  }
  if (match.withoutCovariates.length > 0 && covariates !== undefined) {
    return new InputError(
      covariates.name,
      `has none of the ${match.withoutCovariates.length} samples that genotypes and expression share (${covariates.name} has ${covariates.samples[0]}, the others ${match.withoutCovariates[0]})`,
      covariateHint(match.withoutCovariates, covariates.samples),
    );
  }
  if (match.withoutContexts.length > 0 && contexts !== undefined) {
    return new InputError(
      contexts.name,
      `has none of the ${match.withoutContexts.length} samples that the other files share (${contexts.name} has ${contexts.samples[0]}, the others ${match.withoutContexts[0]})`,
      covariateHint(match.withoutContexts, contexts.samples),
    );
  }
  return new InputError(
    expression.name,
    `no samples in common with ${genotypes.name} (${expression.samples[0]} here, ${genotypes.samples[0]} there)`,
    howToMatch(genotypes.samples, expression.samples, expression.genes ?? []),
  );
}

function covariateHint(ids: readonly string[], covariates: readonly string[]): string {
  const suggestion = suggestMapping(ids, covariates);
  const text = suggestion && `${suggestionText(suggestion, "the others", "the covariates")}; `;
  return `${text ?? ""}make the ids agree`;
}

/** What to do about genotypes and expression that share no, or few, samples. */
function howToMatch(
  genotypes: readonly string[],
  expression: readonly string[],
  genes: readonly string[],
): string {
  if (looksTransposed(genes, expression, new Set(genotypes))) {
    return "its rows are samples of the genotypes: it is transposed, turn it so that genes are rows and samples columns";
  }
  const suggestion = suggestMapping(genotypes, expression);
  if (suggestion === undefined) {
    return "give --coupling FILE with genotype id and expression id, or make the ids agree";
  }
  const lines = suggestion.pairs.slice(0, 2).map(([a, b]) => `${a}<TAB>${b}`);
  return `${suggestionText(suggestion, "the genotypes", "the expression")}; give --coupling FILE with the lines ${lines.join(", ")}, ...`;
}

/** A warning where fewer than half of the smaller file's samples are matched; undefined where all is well. */
export function fewMatched(
  lists: Pick<SampleLists, "genotypes" | "expression">,
  match: Pick<SampleMatch, "genotypesOnly" | "expressionOnly">,
): string | undefined {
  const { genotypes, expression } = lists;
  const matched = genotypes.samples.length - match.genotypesOnly.length;
  if (2 * matched >= Math.min(genotypes.samples.length, expression.samples.length)) return undefined;
  const suggestion = suggestMapping(match.genotypesOnly, match.expressionOnly);
  const hint =
    suggestion === undefined ? "" : `; ${howToMatch(match.genotypesOnly, match.expressionOnly, [])}`;
  return `only ${counted(matched, "sample")} of ${genotypes.name} (${genotypes.samples.length}) and ${expression.name} (${expression.samples.length}) match${hint}`;
}
