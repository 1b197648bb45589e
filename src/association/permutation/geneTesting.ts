import type { Cohort } from "../../cohort/cohort.ts";
import type { CisPlan } from "../cisPlan.ts";
import type { Leads } from "../leads.ts";
import type { RunOptions, Session } from "../run.ts";
import type { LeadTable } from "../tables.ts";
import { type GeneLevel, geneLevel } from "./geneLevel.ts";
import { type GeneTestPlan, type PartTests, type TestedPart, testGenes } from "./geneTests.ts";
import { type GeneTestRequest, planGeneTests } from "./request.ts";

/** The tests of genes of a cis map, a part at a time, beside its pairs. */
export class GeneTesting {
  readonly #cohort: Cohort;
  readonly #session: Session;
  readonly #request: GeneTestRequest;
  readonly #plan: GeneTestPlan;
  readonly #seed: number;
  readonly #signal: AbortSignal | undefined;
  readonly #parts: PartTests[] = [];

  constructor(
    cohort: Cohort,
    session: Session,
    request: GeneTestRequest,
    { parts }: CisPlan,
    { seed = 1, signal }: RunOptions,
  ) {
    this.#cohort = cohort;
    this.#session = session;
    this.#request = request;
    this.#seed = seed;
    this.#signal = signal;
    const windowed = parts.flatMap(({ genes }) => Array.from(genes));
    this.#plan = planGeneTests(cohort, request, windowed, seed);
  }

  /** Tests the genes of a part whose pairs have been tested and whose leads are known. */
  async part(part: TestedPart, leads: Leads): Promise<void> {
    this.#parts.push(await testGenes(this.#cohort, this.#session, part, leads, this.#plan, this.#signal));
  }

  /** q over all genes; in the table of leads, genes whose permutations cannot be fitted say so. */
  result(leads: LeadTable): { readonly leads: LeadTable; readonly geneLevel: GeneLevel } {
    const { degreesOfFreedom } = this.#cohort;
    const discovery = { ...this.#request.discovery, seed: this.#seed };
    const level = geneLevel(this.#parts, leads, this.#plan, discovery, degreesOfFreedom);
    const status = leads.status.map((known, gene) =>
      known === "ok" && failed(level, gene) ? ("not-converged" as const) : known,
    );
    return { leads: { ...leads, status }, geneLevel: level };
  }
}

function failed({ unit, row, tests }: GeneLevel, gene: number): boolean {
  const status = unit[gene]?.fit.status ?? tests.fitStatus[row[gene]!];
  return status !== undefined && status !== "" && status !== "ok";
}
