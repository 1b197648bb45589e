import { suggestionText, suggestMapping } from "../../../cohort/suggest.ts";
import { counted, listed, thousands } from "../../../formats/wording.ts";
import type { Understanding } from "../protocol.ts";
import type { CohortPlan, KnownFile, Notes } from "./plan.ts";

/** Fewer samples than this have no residual. */
const LEAST_SAMPLES = 3;

export interface Matched {
  readonly samples: NonNullable<Understanding["samples"]>;
  /** What will be left out and why, one line each. */
  readonly dropped: readonly string[];
}

/** Counts the samples that all files of a cohort have, and says of each file what it lacks. Undefined before there are two lists to match. */
export function matchOf(plan: CohortPlan, notes: Notes): Matched | undefined {
  const genotypes = plan.plink?.fam ?? plan.vcf?.vcf ?? plan.dosages?.matrix;
  const { expression, others } = plan;
  const [inGenotypes, inExpression] = [genotypes?.facts.samples, expression?.facts.samples];
  if (genotypes === undefined || inGenotypes === undefined) return undefined;
  if (expression === undefined || inExpression === undefined) return undefined;
  refuseTwice(genotypes, inGenotypes, notes);
  refuseTwice(expression, inExpression, notes);
  const ids = new Set(inGenotypes);
  const both = inExpression.filter((id) => ids.has(id));
  const few = 2 * both.length < Math.min(inGenotypes.length, inExpression.length);
  if (few) {
    const all = thousands(inExpression.length);
    const found = both.length === 0 ? "no sample" : `only ${counted(both.length, "sample")} of ${all}`;
    const has = `${idsOf(genotypes.name, inGenotypes)}, ${idsOf(expression.name, inExpression)}`;
    const how = suggested(inGenotypes, inExpression, genotypes.name, expression.name);
    notes.problems.set(
      expression,
      `${found} ${both.length > 1 ? "are" : "is"} in the genotypes: ${has}${how}`,
    );
  }
  const either = [...new Set([...inGenotypes, ...inExpression])];
  const context: Context = { either, both, notes };
  const covariates = others.get("covariates");
  const without = covariates === undefined ? [] : withoutCovariates(covariates, context);
  matchSex(others.get("sex"), context);
  matchContext(others.get("context"), context);
  const lacking = new Set(without);
  const matched = both.filter((id) => !lacking.has(id)).length;
  if (matched < LEAST_SAMPLES && notes.missing.length === 0) {
    const found =
      matched === 0 ? "No sample is" : `Only ${counted(matched, "sample")} ${matched === 1 ? "is" : "are"}`;
    notes.missing.push(`${found} in all files: ${LEAST_SAMPLES} are needed at the very least`);
  }
  const used = new Set(both);
  return {
    samples: { genotypes: inGenotypes.length, expression: inExpression.length, matched },
    dropped: [
      ...droppedLine(
        inGenotypes.filter((id) => !used.has(id)),
        "in the genotypes only",
      ),
      ...droppedLine(
        inExpression.filter((id) => !used.has(id)),
        "in the expression only",
      ),
      ...droppedLine(without, "without covariates"),
    ],
  };
}

interface Context {
  /** Ids of genotypes or expression, and of both. */
  readonly either: readonly string[];
  readonly both: readonly string[];
  readonly notes: Notes;
}

function droppedLine(ids: readonly string[], why: string): string[] {
  return ids.length === 0 ? [] : [`${counted(ids.length, "sample")} ${why} (${listed(ids)})`];
}

const idsOf = (name: string, ids: readonly string[]): string => `${name} has ${listed(ids)}`;

function suggested(a: readonly string[], b: readonly string[], ofA: string, ofB: string): string {
  const suggestion = suggestMapping(a, b);
  return suggestion === undefined ? "" : `; ${suggestionText(suggestion, ofA, ofB)}`;
}

/** No reader takes a file that has a sample twice. */
function refuseTwice(file: KnownFile, ids: readonly string[], { problems, missing }: Notes): void {
  const seen = new Set<string>();
  const twice = new Set(ids.filter((id) => seen.size === seen.add(id).size));
  if (twice.size === 0) return;
  const what = `${counted(twice.size, "sample is", "samples are")} there twice (${listed(twice)}); keep one of each`;
  problems.set(file, what);
  missing.push(`${file.name}: ${what}`);
}

/** Ids of the table that genotypes or expression have, whichever way it lies. */
function foundIn({ facts }: KnownFile, either: readonly string[]): ReadonlySet<string> {
  const known = new Set(either);
  const [wide, long] = [facts.across ?? [], facts.down ?? []].map(
    (list) => new Set(list.filter((id) => known.has(id))),
  ) as [Set<string>, Set<string>];
  return wide.size >= long.size ? wide : long;
}

/** Samples of both files that the covariates lack. Of a table with none of them all. */
function withoutCovariates(table: KnownFile, { either, both, notes }: Context): readonly string[] {
  const found = foundIn(table, either);
  if (found.size === 0) {
    refuseOther(table, either, notes, "give those of these samples, or leave them out");
    return both;
  }
  const { across = [], down = [] } = table.facts;
  const [covariates, samples] = across.some((id) => found.has(id)) ? [down, across] : [across, down];
  notes.says.set(
    table,
    `Covariates, ${counted(covariates.length, "covariate")} × ${counted(samples.length, "sample")}`,
  );
  const lacking = both.filter((id) => !found.has(id));
  if (lacking.length > 0) {
    const what = `lacks ${counted(lacking.length, "sample")} of the ${thousands(both.length)} in genotypes and expression (${listed(lacking)}), left out`;
    notes.problems.set(table, what);
  }
  return lacking;
}

function matchSex(table: KnownFile | undefined, { either, both, notes }: Context): void {
  if (table === undefined) return;
  const found = foundIn(table, either);
  if (found.size === 0) {
    refuseOther(table, either, notes, "leave it out, or give the sexes of these samples");
    return;
  }
  const lacking = both.filter((id) => !found.has(id));
  if (lacking.length > 0)
    notes.problems.set(
      table,
      `lacks ${counted(lacking.length, "sample")} of ${thousands(both.length)} (${listed(lacking)}), whose sex is as the genotype file says, or unknown`,
    );
}

function matchContext(table: KnownFile | undefined, { either, both, notes }: Context): void {
  if (table === undefined) return;
  const found = foundIn(table, either);
  const lacking = both.filter((id) => !found.has(id));
  if (found.size === 0) notes.problems.set(table, `${otherSamples(table, either)}; it is not used`);
  else if (lacking.length > 0)
    notes.problems.set(
      table,
      `lacks ${counted(lacking.length, "sample")} of ${thousands(both.length)} (${listed(lacking)}), which plots of it leave out`,
    );
}

/** A table of other samples ends the cohort: what is made without it is not what was meant. */
function refuseOther(
  table: KnownFile,
  either: readonly string[],
  { problems, missing }: Notes,
  so: string,
): void {
  problems.set(table, `${otherSamples(table, either)}; ${so}`);
  missing.push(`${table.name} is of other samples: see what is said of it`);
}

function otherSamples({ name, facts }: KnownFile, either: readonly string[]): string {
  const { across = [], down = [] } = facts;
  const lists = [...(across.length > 0 ? [`${listed(across)} across`] : []), `${listed(down)} down`];
  const how = suggested(either, across.length > down.length ? across : down, "the genotypes", name);
  return `none of the ${counted(either.length, "sample")} is in it: it has ${lists.join(", ")}, the other files ${listed(either)}${how}`;
}
