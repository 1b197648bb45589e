import type { FileRole, GivenFile } from "../engine/protocol.ts";
import { openCohort } from "./cohortOpen.ts";
import { engine, show } from "./engine.ts";
import { fetchedFile } from "./fetchedFile.ts";
import { giveFiles } from "./filesGiven.ts";
import { filesOfResult } from "./filesOfResult.ts";
import { checkedFilters } from "./jobOptions.ts";
import { filters, result, understanding, view, whileBusy } from "./state.ts";

/** What `qortex view` serves beside the page: a result, and the files it was made of where they are still there. */
export interface Viewed {
  readonly title: string;
  /** The tables, pictures and the manifest of the result; addresses are relative to the page's. */
  readonly result: readonly { readonly name: string; readonly url: string }[];
  /** `role` as the manifest has it: `genotypes`, `expression`, `covariates`, ... */
  readonly inputs: readonly {
    readonly role: string;
    readonly name: string;
    readonly url: string;
    readonly bytes: number;
  }[];
}

/** What inputs are, by the roles that a manifest has for them. Lists of samples and the like are no files of the page. */
const ROLES: ReadonlyMap<string, FileRole> = new Map([
  ["genotypes bed", "bed"],
  ["genotypes bim", "bim"],
  ["genotypes fam", "fam"],
  ["genotypes vcf", "vcf"],
  ["genotypes", "dosages"],
  ["variant positions", "variant-positions"],
  ["alleles", "alleles"],
  ["expression", "expression"],
  ["gene positions", "gene-positions"],
  ["annotation", "annotation"],
  ["covariates", "covariates"],
  ["interaction", "context"],
  ["context", "context"],
  ["sex", "sex"],
  ["gwas", "gwas"],
  ["recombination", "recombination"],
]);

/** Inputs of more bytes than this in all are not fetched by themselves: the page holds what it fetches. */
const MOST_INPUTS = 500e6;

/** Opens the result that the page's own server was started for (`qortex view DIR`); a host of the bare folder has none. */
export async function openViewed(): Promise<void> {
  try {
    const given = await viewed();
    if (given === undefined || given.result.length === 0 || result.peek() !== undefined) return;
    const files = given.result.map(({ name, url }) => ({ name, url: new URL(url, document.baseURI).href }));
    result.value = await whileBusy("Opening the result", () => engine.openResult(files));
    if (view.peek() === "start") view.value = "overview";
    if (await openInputs(given))
      result.value = await whileBusy("Opening the result", () =>
        engine.openResult([...files, ...filesOfResult()]),
      );
  } catch (error) {
    show(error);
  }
}

/** The cohort behind the result, so that genotypes and LD can be shown, and what views read beside it. False where there is neither. */
async function openInputs(given: Viewed): Promise<boolean> {
  const inputs = given.inputs.filter(({ role }) => ROLES.has(role));
  if (inputs.length === 0 || inputs.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_INPUTS) return false;
  const fetched = await whileBusy("Fetching the cohort of the result", () =>
    Promise.all(
      inputs.map(async ({ role, name, url }): Promise<GivenFile> => {
        const fix = "see that the file is where the command found it, and reload";
        return { ...(await fetchedFile(name, url, fix)), role: ROLES.get(role) };
      }),
    ),
  );
  const { options } = (result.peek()?.manifest ?? {}) as { readonly options?: Record<string, unknown> };
  filters.value = checkedFilters(options ?? {});
  await giveFiles(fetched);
  // A network needs no genotypes, and may come without any.
  const open = understanding.peek()?.ready === true && (await openCohort());
  return open || filesOfResult().length > 0;
}

/** Undefined where the page comes from any other server: nothing is to be opened by itself then. */
async function viewed(): Promise<Viewed | undefined> {
  try {
    const response = await fetch(new URL("view.json", document.baseURI));
    if (!response.ok) return undefined;
    const given: unknown = await response.json();
    return isViewed(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function isViewed(given: unknown): given is Viewed {
  if (typeof given !== "object" || given === null) return false;
  const { title, result: files, inputs } = given as Partial<Record<keyof Viewed, unknown>>;
  return typeof title === "string" && isNamed(files) && isNamed(inputs);
}

function isNamed(files: unknown): boolean {
  return (
    Array.isArray(files) &&
    files.every((file) => typeof file?.name === "string" && typeof file?.url === "string")
  );
}
