import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { counted } from "../../../formats/wording.ts";
import { assemblyOf, buildOfLength, on } from "./builds.ts";
import { chromosomesIn } from "./chromosomes.ts";
import type { Sniffed } from "./facts.ts";
import type { Described } from "./fileFacts.ts";
import { countLines, linesOf } from "./head.ts";
import { idsDown } from "./sampleTables.ts";

/** PLINK's variants. */
export async function bim({ head, source }: Sniffed): Promise<Described> {
  if (head.packing !== "plain") {
    return { says: "PLINK variants", problem: "a .bim is read unpacked; gunzip it" };
  }
  const { lines } = await countLines(head);
  const tail = await lastLines(source);
  const reach = new Map<string, number>();
  for (const line of [...linesOf(head, 100_000), ...tail]) {
    const cells = line.trim().split(/\s+/);
    if (cells.length !== 6) continue;
    const name = canonicalChromosome(cells[0]!);
    reach.set(name, Math.max(reach.get(name) ?? 0, Number(cells[3]) || 0));
  }
  const chromosomes = chromosomesIn(head, 0, tail);
  return { says: `PLINK variants, ${counted(lines, "variant")}`, variants: lines, reach, chromosomes };
}

const TAIL = 1 << 16;

async function lastLines(source: ByteSource): Promise<string[]> {
  const bytes = await source.read(Math.max(0, source.size - TAIL), source.size);
  return new TextDecoder().decode(bytes).split("\n").slice(1);
}

/** PLINK's samples. */
export async function fam(file: Sniffed): Promise<Described> {
  if (file.head.packing !== "plain")
    return { says: "PLINK samples", problem: "a .fam is read unpacked; gunzip it" };
  if (/^#?FID$/i.test(file.table.rows[0]?.[0] ?? ""))
    return { says: "PLINK samples", problem: "has a header, and a .fam has none; delete its first line" };
  const samples = await idsDown(file, 1);
  return { says: `PLINK samples, ${counted(samples.length, "sample")}`, samples };
}

/** A VCF by its header and its first records. */
export function vcf({ head, problem }: Sniffed): Described {
  const lines = linesOf(head, 1_000_000);
  const header = lines.find((line) => line.startsWith("#CHROM"));
  if (header === undefined) {
    // Records without a header are said to be so already.
    const cut = head.whole
      ? "has no header line #CHROM: the file is cut; copy it again"
      : "has a header longer than is looked at (1 MiB); leave out its ##contig lines";
    return { says: "Genotypes in VCF", problem: problem ?? cut };
  }
  const samples = header.split("\t").slice(9);
  const dosages = lines.some((line) => line.startsWith("##FORMAT=<ID=DS,")) ? ", with dosages" : "";
  const build = vcfBuild(lines);
  const says = `Genotypes in VCF, ${counted(samples.length, "sample")}${dosages}${on(build)}`;
  const facts = { says, reach: vcfReach(lines), build, chromosomes: chromosomesIn(head, 0) };
  if (samples.length > 0) return { ...facts, samples };
  return { ...facts, problem: "has no samples, only sites; give a VCF with genotypes" };
}

/** By the chromosomes' lengths where they are there, else by the name of the reference. */
function vcfBuild(lines: readonly string[]): string | undefined {
  const builds = new Set<string>();
  let named: string | undefined;
  for (const line of lines) {
    if (!line.startsWith("##")) break;
    const id = /^##contig=<(?:.*,)?ID=([^,>]+)/.exec(line)?.[1];
    const length = /^##contig=<(?:.*,)?length=(\d+)/.exec(line)?.[1];
    const build =
      id === undefined || length === undefined
        ? undefined
        : buildOfLength(canonicalChromosome(id), Number(length));
    if (build !== undefined) builds.add(build);
    if (/^##(reference|contig|assembly)/.test(line)) named ??= assemblyOf(line);
  }
  return builds.size > 0 ? only(builds) : named;
}

/** Of the records that are within the beginning. */
function vcfReach(lines: readonly string[]): Map<string, number> {
  const reach = new Map<string, number>();
  for (const line of lines) {
    if (line.startsWith("#")) continue;
    const [name, position] = line.slice(0, 100).split("\t", 2);
    if (name === undefined || position === undefined) continue;
    const chromosome = canonicalChromosome(name);
    reach.set(chromosome, Math.max(reach.get(chromosome) ?? 0, Number(position) || 0));
  }
  return reach;
}

const only = (builds: ReadonlySet<string>): string | undefined =>
  builds.size === 1 ? [...builds][0] : undefined;
