import type { Cohort } from "../../cohort/cohort.ts";
import { otherMark } from "../../cohort/marks.ts";
import { counted, thousands } from "../../formats/wording.ts";
import type { CohortChoice } from "./protocol.ts";
import type { ManifestFacts, ResultKind } from "./result.ts";

/** What is compared of an open cohort. */
export interface ComparedCohort {
  readonly cohort: Pick<Cohort, "samples" | "degreesOfFreedom" | "model" | "marks">;
  readonly choice: Pick<CohortChoice, "maf" | "transform">;
  readonly inputs: readonly { readonly called: string; readonly file: Pick<Blob, "size"> }[];
}

/** Inputs that decide which samples there are and what their values are, as manifests call them. */
const DECISIVE =
  /^(genotypes( (bed|bim|fam|vcf))?|expression|covariates|coupling|donors|error covariance|relatedness.*|sex)$/;
/** Those of a network: it reads no genotypes. */
const OF_NETWORK = /^(expression|covariates)$/;

/**
 * What shows that a result is of another cohort than the one that is open: the first fact of its manifest that the cohort contradicts, as
 * `it has 357 samples, the result 358`. Undefined where all that the manifest says agrees; one that names no samples says too little.
 */
export function cohortDifference(
  manifest: ManifestFacts,
  kind: ResultKind,
  open: ComparedCohort,
): string | undefined {
  const { cohort, choice } = open;
  const { degreesOfFreedom, model, options = {} } = manifest;
  const used = usedSamples(manifest.samples);
  if (used === undefined) return "the result does not say which samples it is of";
  if (used !== cohort.samples.length) {
    return `it has ${counted(cohort.samples.length, "sample")}, the result ${thousands(used)}`;
  }
  const facts: [what: string, ours: unknown, theirs: unknown][] = [
    ["transform", choice.transform, options["transform"]],
  ];
  if (kind !== "network") {
    facts.push(
      ["degrees of freedom", cohort.degreesOfFreedom, degreesOfFreedom],
      ["model", cohort.model, model],
      ["maf", choice.maf, options["maf"]],
    );
  }
  const other = facts.find(([, ours, theirs]) => theirs !== undefined && theirs !== ours);
  if (other !== undefined) return `its ${other[0]}: ${other[1]}, the result's: ${other[2]}`;
  const mark = kind === "network" ? undefined : otherMark(marksOf(manifest), cohort.marks);
  if (mark !== undefined) return `its ${mark.what}: ${mark.here}, the result's: ${mark.made}`;
  return inputDifference(manifest, open, kind === "network" ? OF_NETWORK : DECISIVE);
}

/** Of which cohort a map says that it is; undefined where it says nothing. */
function marksOf({ cohort }: ManifestFacts): Readonly<Record<string, unknown>> | undefined {
  return typeof cohort === "object" && cohort !== null ? { ...cohort } : undefined;
}

/** `samples.used`; of networks, which may be of several cohorts, that of the only one. */
function usedSamples(samples: unknown): number | undefined {
  const one: unknown = Array.isArray(samples) && samples.length === 1 ? samples[0] : samples;
  const used = typeof one === "object" && one !== null && "used" in one ? one.used : undefined;
  return typeof used === "number" ? used : undefined;
}

/** Files are compared by their sizes: names may have changed, and hashes would read all of them. Which samples and covariates are in them the marks tell. */
function inputDifference(
  manifest: ManifestFacts,
  { inputs }: ComparedCohort,
  decisive: RegExp,
): string | undefined {
  if (!Array.isArray(manifest.inputs)) return undefined;
  const theirs = new Map<string, number>();
  for (const { role, bytes } of manifest.inputs as { readonly role?: unknown; readonly bytes?: unknown }[]) {
    if (typeof role === "string" && typeof bytes === "number" && decisive.test(role)) theirs.set(role, bytes);
  }
  const ours = new Map(
    inputs.filter(({ called }) => decisive.test(called)).map(({ called, file }) => [called, file.size]),
  );
  for (const [role, bytes] of theirs) {
    const size = ours.get(role);
    if (size === undefined) return `it has no ${role}, the result has`;
    if (size !== bytes)
      return `its ${role}: ${thousands(size)} bytes, the result's: ${thousands(bytes)} bytes`;
  }
  const more = [...ours.keys()].find((role) => !theirs.has(role));
  return more === undefined ? undefined : `it has ${more}, the result has none`;
}
