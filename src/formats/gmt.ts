import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { checkName, decode, eachLine, emptyFile } from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

/** A named set of genes: a pathway, a complex, the genes of a disease. */
export interface GeneSet {
  readonly name: string;
  /** The second column: a description or address; may be empty. */
  readonly description: string;
  /** Each once, in the order of the file. */
  readonly genes: readonly string[];
}

export interface GeneSets {
  readonly name: string;
  /** What the user should know about the file, one line each. */
  readonly messages: readonly string[];
  readonly sets: readonly GeneSet[];
}

/**
 * Gene sets in GMT (Broad Institute): a line a set, name, description, genes, tabs between; plain or gzip. Empty cells
 * at the end are passed over, and so is a weight after a comma (`TP53,1.0`, as Enrichr writes it). A gene that a set repeats counts once.
 * Throws {@link InputError} for a line without tabs or genes, and a name that occurs twice.
 */
export async function readGmt(source: ByteSource, inflate: Inflate): Promise<GeneSets> {
  const sets: GeneSet[] = [];
  const lineOf = new Map<string, number>();
  let repeated = 0;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const where = atLine(source.name, line);
    const cells = decode(bytes, start, end, source.name, line)
      .split("\t")
      .map((cell) => cell.trim());
    const [name = "", description = "", ...rest] = cells;
    if (cells.length < 3) {
      const what = `has ${counted(cells.length, "column")}: ${shown(name)}`;
      throw new InputError(where, what, "a GMT has name, description and genes, separated by tabs");
    }
    checkName(name, "gene set", where);
    const before = lineOf.get(name);
    if (before !== undefined) {
      throw new InputError(where, `gene set ${name} is there already (line ${before})`, "name each set once");
    }
    lineOf.set(name, line);
    const listed = rest.map((cell) => cell.replace(/,[0-9.]+$/, "")).filter((cell) => cell !== "");
    const genes = [...new Set(listed)];
    if (genes.length === 0) throw new InputError(where, `gene set ${name} has no gene`, "leave its line out");
    repeated += listed.length - genes.length;
    sets.push({ name, description, genes });
  });
  if (sets.length === 0) throw emptyFile(source);
  const messages =
    repeated === 0
      ? []
      : [`${source.name}: ${counted(repeated, "gene")} repeated within a set; counted once`];
  return { name: source.name, messages, sets };
}
