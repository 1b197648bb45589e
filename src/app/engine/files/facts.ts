import type { ByteSource } from "../../../formats/source.ts";
import type { FileRole } from "../protocol.ts";
import { foreignFormat, foreignText } from "./foreign.ts";
import { type Head, linesOf, readHead } from "./head.ts";
import { isCalls, type TableHead, tableHead, tableRole } from "./tables.ts";

/** A file's beginning, and what it says that it is. */
export interface Sniffed {
  readonly source: ByteSource;
  readonly head: Head;
  readonly guess: FileRole;
  /** What is wrong with the file whatever it is taken for. */
  readonly problem?: string | undefined;
  readonly table: TableHead;
  readonly format: "binary" | "text" | "parquet" | "json" | "page";
}

const starts = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
const ascii = (value: string): number[] => Array.from(value, (letter) => letter.charCodeAt(0));

/** Of PLINK's .bed and of PLINK 2's .pgen. */
const PLINK = [0x6c, 0x1b];
/** Of report.data. */
const REPORT_DATA = ascii("QXP1");
/** Bytes of a file that a NUL tells to be no text. */
const LOOKED_AT = 4096;

const NO_TABLE: TableHead = { rows: [], comments: [] };

/** Looks at the beginning of a file: by content first, by name where that leaves it open. */
export async function sniff(source: ByteSource): Promise<Sniffed> {
  const head = await readHead(source);
  const { bytes, problem } = head;
  const known = (guess: FileRole, format: Sniffed["format"], why = problem): Sniffed => ({
    ...{ source, head, guess, format, table: NO_TABLE },
    problem: why,
  });
  const empty = emptiness(head);
  if (empty !== undefined) return known(byName(source.name) ?? "unknown", "text", problem ?? empty);
  if (starts(bytes, PLINK)) return plinkGuess(head, known);
  if (starts(bytes, ascii("PAR1"))) {
    const packed = head.packing === "plain" ? undefined : "is a packed Parquet file; gunzip it";
    return known("expression", "parquet", problem ?? packed);
  }
  if (starts(bytes, ascii("TBI\u0001")) || starts(bytes, ascii("CSI\u0001")))
    return known("vcf-index", "binary");
  if (starts(bytes, REPORT_DATA)) return known("result", "page");
  const refused = foreignFormat(bytes, source.name);
  if (refused !== undefined) return known("unknown", "binary", refused);
  if (bytes.subarray(0, LOOKED_AT).includes(0)) return binaryGuess(head, known);
  return textGuess(head, known);
}

type Known = (guess: FileRole, format: Sniffed["format"], why?: string) => Sniffed;

function emptiness({ source, bytes, packing, whole }: Head): string | undefined {
  if (source.size === 0) return "is empty (0 bytes)";
  if (bytes.length === 0 && packing !== "plain") return "is empty (nothing in it once it is unpacked)";
  const blank = whole && bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte === 32);
  return blank ? "is empty (no lines)" : undefined;
}

function plinkGuess({ bytes, packing, problem, source }: Head, known: Known): Sniffed {
  const kind = bytes[2];
  if (kind !== undefined && kind > 1)
    return known("unknown", "binary", foreignFormat(new Uint8Array(0), "x.pgen"));
  if (kind === 0) {
    const why = "is a sample-major .bed (third byte 00); write it again: plink --bfile PREFIX --make-bed";
    return known("bed", "binary", why);
  }
  if (kind === undefined) return known("bed", "binary", `is cut after ${source.size} bytes; copy it again`);
  return known(
    "bed",
    "binary",
    problem ?? (packing === "plain" ? undefined : "a .bed is read unpacked; gunzip it"),
  );
}

function binaryGuess({ bytes, problem, source }: Head, known: Known): Sniffed {
  if (!/\.bed$/i.test(source.name))
    return known("unknown", "binary", problem ?? "is no text, and no format that is known here");
  const shown = Array.from(bytes.subarray(0, 3), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const why = `is no PLINK .bed (starts with ${shown}, not 6c 1b 01); copy it again`;
  return known("bed", "binary", problem ?? why);
}

function textGuess(head: Head, known: Known): Sniffed {
  const { source, problem } = head;
  const [first = ""] = linesOf(head, 1);
  if (first.startsWith("##fileformat=VCF")) return known("vcf", "text");
  const own = partOfResult(head, first, source.name);
  if (own !== undefined) return known("result", own);
  if (/^\s*(<\?xml|<!doctype|<html|<svg)/i.test(first))
    return known("unknown", "binary", "is a web page or a picture, no data");
  if (!head.bytes.includes(10) && head.bytes.includes(13))
    return known("unknown", "text", "has the line ends of an old Mac (CR alone); save it with LF or CRLF");
  const table = tableHead(head);
  const refused = foreignText(table.rows);
  if (refused !== undefined) return known("unknown", "text", refused);
  if (isCalls(table)) return { ...known("vcf", "text", problem ?? HEADLESS_VCF), table };
  const guess = tableRole(table, source.name) ?? byName(source.name) ?? "unknown";
  const commas = table.commas === true && guess !== "gwas" ? COMMAS : undefined;
  return { source, head, guess, table, format: "text", problem: problem ?? commas };
}

const HEADLESS_VCF =
  "is a VCF without its first line ##fileformat=VCF...; give it its header again: bcftools reheader -h HEADER";
const COMMAS = "has commas between its cells; save it with tabs";

/** Files that `qortex` writes beside its tables; undefined for any other. */
function partOfResult(head: Head, first: string, name: string): "json" | "page" | undefined {
  const begins = (): string => new TextDecoder().decode(head.bytes.subarray(0, LOOKED_AT));
  if (/^\s*\{/.test(first) && /"program":\s*"qortex"/.test(begins())) return "json";
  const written = /(^|\/)report\.(html|data)$|(^|\/)report-parts\.json$/.test(name) || /\.svg$/i.test(name);
  return written && /^\s*[<{[]/.test(first) ? "page" : undefined;
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
