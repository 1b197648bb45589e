import { InputError } from "../errors.ts";
import { checksum } from "../formats/container.ts";
import type { Cohort } from "./cohort.ts";

/**
 * What a cohort's statistics depend on beside genes and variants, as its tables (Parquet) and its manifest say it, so that a command
 * that goes on from a result can tell whether it is of the same cohort. Numbers in brackets are checksums of what cannot be read off.
 */
export type CohortMarks = Readonly<Record<(typeof NAMES)[number], string>>;

/** In the order in which a difference says most. */
const NAMES = [
  "qortex.samples",
  "qortex.model",
  "qortex.transform",
  "qortex.covariance",
  "qortex.covariates",
  "qortex.degrees_of_freedom",
] as const;

/** The marks of a cohort; `contexts` of an interaction map are not among them. */
export function cohortMarks(
  cohort: Pick<
    Cohort,
    "samples" | "expressionBasis" | "covariance" | "model" | "transform" | "degreesOfFreedom"
  >,
): CohortMarks {
  const { samples, expressionBasis: basis, covariance } = cohort;
  return {
    "qortex.samples": `${samples.length} (${ofTexts(samples)})`,
    "qortex.model": cohort.model,
    "qortex.transform": cohort.transform,
    "qortex.covariance": covariance === undefined ? "none" : covarianceMark(covariance),
    "qortex.covariates": `${basis.count} (${ofNumbers(basis.values)})`,
    "qortex.degrees_of_freedom": String(cohort.degreesOfFreedom),
  };
}

/** How `marks` call what they are of, and what it takes to have them again. */
const WORDS: { readonly [name in (typeof NAMES)[number]]: readonly [what: string, remedy: string] } = {
  "qortex.samples": ["samples", "the same samples in the same order"],
  "qortex.model": ["--model", "the same --model"],
  "qortex.transform": ["--transform", "the same --transform"],
  "qortex.covariance": ["covariance of samples", "the same --error-covariance, --relatedness or --donors"],
  "qortex.covariates": ["covariates", "the same --covariates"],
  "qortex.degrees_of_freedom": ["degrees of freedom", "the same files and options"],
};

/** The first mark by which `made` is of another cohort than that of `marks`; undefined where all that it has agree. */
export function otherMark(
  made: Readonly<Record<string, unknown>> | undefined,
  marks: CohortMarks,
):
  | { readonly what: string; readonly remedy: string; readonly made: unknown; readonly here: string }
  | undefined {
  const other = NAMES.find((mark) => made?.[mark] !== undefined && made[mark] !== marks[mark]);
  if (other === undefined) return undefined;
  const [what, remedy] = WORDS[other];
  return { what, remedy, made: made![other], here: marks[other] };
}

/**
 * Throws {@link InputError} where the table `name` was made of another cohort. `made` is its metadata, or what its manifest says of the cohort;
 * of a table without marks (another program's, an older one of ours) nothing is known.
 */
export function refuseOtherCohort(
  name: string,
  made: Readonly<Record<string, string>> | undefined,
  { marks }: Pick<Cohort, "marks">,
): void {
  const other = otherMark(made, marks);
  if (other === undefined) return;
  throw new InputError(
    name,
    `was made of another cohort: ${other.what} ${other.made}, and ${other.here} here`,
    `give the files and options it was made with (${other.remedy}), or a result of this cohort`,
  );
}

function covarianceMark({ kind, projected }: NonNullable<Cohort["covariance"]>): string {
  return `${kind} (${[projected.values, projected.vectors].map(ofNumbers).join(" ")})`;
}

function ofNumbers({ buffer, byteOffset, length }: Float64Array): string {
  return hex(checksum(new Uint32Array(buffer, byteOffset, 2 * length)));
}

function ofTexts(texts: readonly string[]): string {
  const bytes = new TextEncoder().encode(texts.join("\n"));
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  padded.set(bytes);
  return hex(checksum(new Uint32Array(padded.buffer)));
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}
