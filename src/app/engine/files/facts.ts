import type { ByteSource } from "../../../formats/source.ts";
import type { FileRole } from "../protocol.ts";
import { type Head, linesOf, readHead } from "./head.ts";
import { type TableHead, tableHead, tableRole } from "./tables.ts";

/** A file's beginning, and what it says that it is. */
export interface Sniffed {
  readonly source: ByteSource;
  readonly head: Head;
  readonly guess: FileRole;
  /** What is wrong with the file whatever it is taken for. */
  readonly problem?: string | undefined;
  readonly table: TableHead;
  readonly format: "binary" | "text" | "parquet" | "json";
}

const starts = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
const text = (value: string): number[] => Array.from(value, (letter) => letter.charCodeAt(0));

/** What is not read here, by its first bytes, and what to do instead. */
const REFUSED: readonly (readonly [magic: readonly number[], problem: string])[] = [
  [[0x89, ...text("HDF")], "is HDF5 (.h5ad), which a browser does not read; write it as Parquet or text"],
  [[0x28, 0xb5, 0x2f, 0xfd], "is packed with zstd; unpack it, or pack it with gzip or bgzip"],
  [text("BZh"), "is packed with bzip2; unpack it, or pack it with gzip or bgzip"],
  [[0xfd, ...text("7zXZ")], "is packed with xz; unpack it, or pack it with gzip or bgzip"],
  [text("PK\u0003\u0004"), "is a zip archive; unpack it and drop the files that are in it"],
  [text("BCF"), "is BCF; write it as VCF: bcftools view -O z -o out.vcf.gz"],
  [[0x62, 0x67, 0x65, 0x6e], "is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed"],
  [text("%PDF"), "is a PDF"],
];
const OTHER_NAMES: readonly (readonly [name: RegExp, problem: string])[] = [
  [/\.pgen$/i, "is a PLINK 2 .pgen; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed"],
  [/\.bgen$/i, "is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed"],
  [/\.rds$|\.rdata$/i, "is an R object; write it as a text table"],
  [/\.xlsx?$/i, "is a spreadsheet; save it as tab-separated text"],
];

const NO_TABLE: TableHead = { rows: [], comments: [] };

/** Looks at the beginning of a file: by content first, by name where that leaves it open. */
export async function sniff(source: ByteSource): Promise<Sniffed> {
  const head = await readHead(source);
  const { bytes, problem } = head;
  const known = (guess: FileRole, format: Sniffed["format"], why = problem): Sniffed => ({
    ...{ source, head, guess, format, table: NO_TABLE },
    problem: why,
  });
  if (source.size === 0) return known(byName(source.name) ?? "unknown", "text", "is empty (0 bytes)");
  if (starts(bytes, [0x6c, 0x1b])) return known("bed", "binary", bedProblem(bytes));
  if (starts(bytes, text("PAR1"))) return known("expression", "parquet");
  if (starts(bytes, text("TBI\u0001")) || starts(bytes, text("CSI\u0001")))
    return known("vcf-index", "binary");
  const refused = [
    ...REFUSED.filter(([magic]) => starts(bytes, magic)).map(([, why]) => why),
    ...OTHER_NAMES.filter(([name]) => name.test(source.name)).map(([, why]) => why),
  ][0];
  if (refused !== undefined) return known("unknown", "binary", refused);
  if (bytes.subarray(0, 4096).includes(0)) {
    const guess = /\.bed$/i.test(source.name) ? "bed" : "unknown";
    const shownBytes = Array.from(bytes.subarray(0, 3), (byte) => byte.toString(16).padStart(2, "0")).join(
      " ",
    );
    const why =
      guess === "bed"
        ? `is no PLINK .bed (starts with ${shownBytes}, not 6c 1b 01); copy it again`
        : "is no text, and no format that is known here";
    return known(guess, "binary", problem ?? why);
  }
  return { source, head, ...textGuess(source, head), problem };
}

function textGuess(source: ByteSource, head: Head): Pick<Sniffed, "guess" | "table" | "format"> {
  const [first = ""] = linesOf(head, 1);
  if (first.startsWith("##fileformat=VCF")) return { guess: "vcf", table: NO_TABLE, format: "text" };
  if (/^\s*\{/.test(first) && /"program":\s*"qortex"/.test(new TextDecoder().decode(head.bytes))) {
    return { guess: "result", table: NO_TABLE, format: "json" };
  }
  const table = tableHead(head);
  const guess = tableRole(table, source.name) ?? byName(source.name) ?? "unknown";
  return { guess, table, format: "text" };
}

function bedProblem(bytes: Uint8Array): string | undefined {
  if (bytes[2] === 1) return undefined;
  if (bytes[2] === 0)
    return "is a sample-major .bed (third byte 00); write it again: plink --bfile PREFIX --make-bed";
  return "is no PLINK 1 .bed (a PLINK 2 .pgen?); write it with plink2 --make-bed";
}

const NAMES: readonly (readonly [name: RegExp, role: FileRole])[] = [
  [/\.bim$/i, "bim"],
  [/\.fam$/i, "fam"],
  [/\.bed$/i, "bed"],
  [/\.vcf(\.b?gz)?$/i, "vcf"],
  [/\.(tbi|csi)$/i, "vcf-index"],
  [/expr/i, "expression"],
  [/\.bed\.gz$/i, "expression"],
  [/covar/i, "covariates"],
  [/\.g[tf]f3?(\.gz)?$/i, "annotation"],
  [/gwas|sumstat/i, "gwas"],
];

function byName(name: string): FileRole | undefined {
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}
