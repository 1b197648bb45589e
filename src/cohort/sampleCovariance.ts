import { InputError, LimitError, UsageError } from "../errors.ts";
import type { CovarianceTable, DonorList, SampleMatrix } from "../formats/tables.ts";
import { counted, listed, thousands } from "../formats/wording.ts";
import { isPositiveDefinite } from "../statistics/linalg.ts";
import type { ProjectedCovariance } from "../statistics/mixedModel.ts";
import { symmetricEigen } from "../statistics/symmetricEigen.ts";
import type { CovarianceKind, SampleCovariance } from "./covariance.ts";
import type { SampleMatch } from "./samples.ts";

/** The samples as the files that {@link sampleCovariance} reads of have them. */
interface MatchedTables {
  readonly genotypes: { readonly samples: readonly string[] };
  readonly expression: { readonly name: string; readonly samples: readonly string[] };
  readonly covariance?: CovarianceTable | undefined;
  readonly donors?: DonorList | undefined;
}

/** Samples of a dense covariance at most: its eigenvectors take hours and 8 GiB beyond. */
const MOST_SAMPLES = 12_000;
/** Square matrices that are held at once while its eigenvectors are found: itself, the work, and the vectors. */
const SQUARES = 3;

/**
 * What the samples analysed share; undefined where they are independent. `say` is told what it is. Throws {@link InputError} for a
 * matrix that lacks samples or is no covariance, LimitError where its eigenvectors would not fit into `memory` bytes, and UsageError for
 * two covariances.
 */
export function sampleCovariance(
  tables: MatchedTables,
  match: SampleMatch,
  say: (text: string) => void,
  memory = Number.POSITIVE_INFINITY,
): SampleCovariance | undefined {
  const { covariance, donors } = tables;
  const { samples } = match;
  const squares = SQUARES * 8 * samples.length * samples.length;
  const repeated = donors !== undefined && new Set(match.genotypeIndex).size < samples.length;
  if ((covariance !== undefined || repeated) && squares > memory) {
    const mib = (bytes: number): string => `${thousands(Math.ceil(bytes / 2 ** 20))} MiB`;
    throw new LimitError(
      `memory ${mib(memory)} is too little: the eigenvectors of the covariance of ${counted(samples.length, "sample")} need ${mib(squares)}; raise --memory`,
    );
  }
  if (samples.length > MOST_SAMPLES && (covariance ?? donors) !== undefined) {
    const { name } = covariance?.matrix ?? donors!;
    throw new InputError(
      name,
      `${counted(samples.length, "sample")}; covariances of at most ${MOST_SAMPLES} are taken`,
      "map fewer samples at once",
    );
  }
  if (covariance === undefined) return donors && donorCovariance(donors, match, say);
  const { kind, matrix } = covariance;
  if (donors !== undefined && kind === "relatedness") {
    throw new UsageError(
      "--donors and --relatedness are two random effects, and one is fitted; leave one out, or give their sum with --error-covariance",
    );
  }
  for (const text of matrix.messages ?? []) say(text);
  const found = matrixOfSamples(matrix, tables, match);
  if (matrix.samples === undefined) {
    say(
      `${matrix.name}: has no sample ids; its rows are taken as the samples of ${tables.expression.name}, in their order`,
    );
  }
  if (found.absent > 0) {
    say(
      `${matrix.name}: ${found.absent} of the ${counted(samples.length, "sample")} analysed are not in it, and taken as unrelated`,
    );
  }
  const check = checkCovariance(kind, matrix.name, found.matrix, samples);
  return { kind, name: matrix.name, matrix: found.matrix, check };
}

/** 1 for two samples of one donor. */
function donorCovariance(
  { name }: DonorList,
  { samples, genotypeIndex }: SampleMatch,
  say: (text: string) => void,
): SampleCovariance | undefined {
  const n = samples.length;
  const donors = new Set(genotypeIndex).size;
  say(`${name}: ${counted(n, "sample")} of ${counted(donors, "donor")}`);
  if (donors === n) return undefined;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * n + j] = genotypeIndex[i] === genotypeIndex[j] ? 1 : 0;
  }
  return { kind: "donors", name, matrix, check: checkCovariance("donors", name, matrix, samples) };
}

/**
 * The entries of `given` for the samples analysed, `[i * n + j]`; a sample goes by its expression id or else its genotype id.
 * Throws {@link InputError} where it lacks samples.
 */
function matrixOfSamples(
  given: SampleMatrix,
  tables: MatchedTables,
  match: SampleMatch,
): { matrix: Float64Array; absent: number } {
  const n = match.samples.length;
  const place = placesIn(given, tables, match);
  const absent = place.filter((at) => at < 0).length;
  const matrix = new Float64Array(n * n);
  const { values, size } = given;
  if (values instanceof Float64Array) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] = values[place[i]! * size + place[j]!]!;
    }
    return { matrix, absent };
  }
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
  const samplesOf = new Map<number, number[]>();
  place.forEach((at, i) => {
    if (at >= 0) samplesOf.set(at, [...(samplesOf.get(at) ?? []), i]);
  });
  values.value.forEach((value, pair) => {
    for (const i of samplesOf.get(values.first[pair]!) ?? []) {
      for (const j of samplesOf.get(values.second[pair]!) ?? []) {
        matrix[i * n + j] = value;
        matrix[j * n + i] = value;
      }
    }
  });
  return { matrix, absent };
}

/** Row of the matrix of each sample analysed; -1 where it may lack one and does. */
function placesIn(
  given: SampleMatrix,
  { genotypes, expression }: MatchedTables,
  match: SampleMatch,
): number[] {
  const index = match.expressionIndex;
  if (given.samples === undefined) {
    if (!index.every((at, i) => i === 0 || at > index[i - 1]!)) {
      throw new InputError(
        given.name,
        `has no sample ids, and genotypes and ${expression.name} have their samples in different orders`,
        "put the sample ids above it and into its first column",
      );
    }
    if (given.size === expression.samples.length) return Array.from(index);
    throw new InputError(
      given.name,
      `has no sample ids and ${counted(given.size, "row")}, but ${expression.name} has ${counted(expression.samples.length, "sample")}`,
      "put the sample ids above it and into its first column",
    );
  }
  const row = new Map(given.samples.map((id, i) => [id, i]));
  const lacking: string[] = [];
  const place = match.samples.map((id, i) => {
    const at = row.get(id) ?? row.get(genotypes.samples[match.genotypeIndex[i]!]!);
    if (at === undefined) lacking.push(id);
    return at ?? -1;
  });
  const all = lacking.length === place.length;
  if (all || (lacking.length > 0 && given.absent === "error")) {
    throw new InputError(
      given.name,
      `lacks ${all ? "all" : lacking.length} of the ${counted(place.length, "sample")} analysed (${listed(lacking)}; it has ${listed(given.samples)})`,
      "make the ids agree, or leave these samples out with --remove",
    );
  }
  return place;
}

/** Less of a sample's variance than this beside the others' is 0, or was meant to be: a covariance must be positive definite. */
const SINGULAR = 1e-8;
/** A relationship matrix may have rounding below 0, of this share of its mean diagonal. */
const NEGATIVE = 1e-4;

/** Throws {@link InputError} for a matrix that is no covariance; what it returns does, told the eigenvalues beside the covariates. */
function checkCovariance(
  kind: CovarianceKind,
  name: string,
  matrix: Float64Array,
  samples: readonly string[],
): (projected: ProjectedCovariance) => void {
  const n = samples.length;
  const pair = excessivePair(matrix, samples);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    const own = matrix[i * n + i]!;
    trace += own;
    if (own > 0) continue;
    throw new InputError(name, `${samples[i]} with itself is ${own}`, "a variance is above 0");
  }
  const mean = trace / n;
  if (kind === "relatedness" && mean < 0.75) {
    throw new InputError(
      name,
      `the mean of its diagonal is ${mean.toFixed(3)}: it holds kinship, or something else than relationship`,
      "a sample's relationship with itself is about 1 and a sibling's 0.5: double kinship",
    );
  }
  const refused = (what: string, values: Float64Array | readonly number[]): InputError =>
    new InputError(
      name,
      `is not positive ${what} in the samples analysed: its smallest eigenvalue is ${values.at(-1)!.toPrecision(3)}, its largest ${values[0]!.toPrecision(3)}${pair}`,
      "no errors have such a covariance: check how it was made",
    );
  if (kind === "given" && !isPositiveDefinite(matrix, n, SINGULAR)) {
    throw refused("definite", symmetricEigen(matrix, n, false).values);
  }
  return ({ least, values, common }) => {
    if (least < -NEGATIVE * mean) throw refused("semidefinite", [Math.max(common, ...values), least]);
  };
}

/** The pair of samples that is more alike than they are with themselves, as a message adds it. */
function excessivePair(matrix: Float64Array, samples: readonly string[]): string {
  const n = samples.length;
  let worst = 1 - 1e-9;
  let text = "";
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const value = matrix[i * n + j]!;
      const own = Math.sqrt(Math.abs(matrix[i * n + i]! * matrix[j * n + j]!));
      if (Math.abs(value) <= worst * own) continue;
      worst = Math.abs(value) / own;
      text = `; ${samples[j]} with ${samples[i]} is ${value}, with themselves they are ${matrix[j * n + j]} and ${matrix[i * n + i]}`;
    }
  }
  return text;
}
