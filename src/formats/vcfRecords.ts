import { InputError } from "../errors.ts";
import { GrowingBytes } from "./growingBytes.ts";
import { parseCountBytes } from "./numbers.ts";
import { BIM_COLUMNS } from "./plinkLabels.ts";
import { type Region, regionsOf } from "./regions.ts";
import { RemainderWriter } from "./remainders.ts";
import { decode } from "./text.ts";
import { VariantIndex } from "./variantIndex.ts";
import { type SampleFields, VcfCalls } from "./vcfCalls.ts";
import { FIXED_COLUMNS, type VcfHeader } from "./vcfHeader.ts";
import type { VcfOptions } from "./vcfOptions.ts";
import { atLine, counted, shown } from "./wording.ts";

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const COMMA = 44;
const DOT = 46;
const UNDERSCORE = 95;
const LOWER_X = 120;
const THREE = 51;
const LAST_POSITION = 2_147_483_647;

/** Columns of a record. */
const CHROM = 0;
const POS = 1;
const ID = 2;
const REF = 3;
const ALT = 4;
const FILTER = 6;
const FORMAT = 8;

/** What was seen of a file beside its variants: for its messages. */
interface Tally {
  multiallelic: number;
  firstMultiallelic: number;
  fromMultiallelic: number;
  notPassed: number;
  withoutFields: number;
  withDs: number;
  withGt: number;
}

/**
 * Takes a VCF's records and makes of each variant what PLINK's three files would hold: a line of labels, two
 * bits a call, and the remainders of dosages. What is to be stored lies in `labels`, `calls` and
 * `remainders.bytes` until `clear`.
 */
export class VcfRecords {
  readonly labels = new GrowingBytes(1 << 16);
  readonly calls = new GrowingBytes(1 << 16);
  readonly remainders = new RemainderWriter();
  readonly variants: VariantIndex;
  readonly #name: string;
  readonly #options: VcfOptions;
  readonly #useDs: boolean;
  readonly #parser: VcfCalls;
  readonly #cells = new Int32Array(2 * FIXED_COLUMNS);
  readonly #bounds = new Int32Array(2 * BIM_COLUMNS);
  readonly #tally: Tally = {
    multiallelic: 0,
    firstMultiallelic: 0,
    fromMultiallelic: 0,
    notPassed: 0,
    withoutFields: 0,
    withDs: 0,
    withGt: 0,
  };
  #labelsStored = 0;
  #format = "";
  #fields: SampleFields = { count: 0, gt: -1, ds: -1 };
  #chromosome: Uint8Array = new Uint8Array(0);
  #regions: readonly Region[] = [];

  constructor(name: string, header: VcfHeader, options: VcfOptions) {
    const { dosageField = "auto" } = options;
    this.#name = name;
    this.#options = options;
    this.#useDs = dosageField === "DS" || (dosageField === "auto" && header.declaresDs);
    this.#parser = new VcfCalls(name, header.samples);
    this.variants = new VariantIndex(
      {
        name,
        positionColumn: "the second column",
        sort: "run bcftools sort",
        removeDuplicates: "keep one of them: bcftools norm -d exact, or --exclude",
        ordered: true,
        alleles: "",
      },
      1024,
    );
  }

  /** Forgets what has been stored. */
  clear(): void {
    this.#labelsStored += this.labels.length;
    this.labels.clear();
    this.calls.clear();
    this.remainders.clear();
  }

  /** A record. `region`: what the reader is at, where an index brought it there; false: the record is beyond it. */
  take(bytes: Uint8Array, start: number, end: number, line: number, region?: Region): boolean {
    const cells = this.#cells;
    const found = this.#findCells(bytes, start, end);
    if (region !== undefined && found > POS) {
      const here = this.#place(bytes, line, [region]);
      if (here !== "in") return here === "before";
    } else if (this.#options.regions !== undefined && found > POS) {
      if (this.#place(bytes, line, this.#options.regions) !== "in") return true;
    }
    if (found < FIXED_COLUMNS) throw this.#wrongColumns(bytes, start, end, line);
    if (!this.#passes(bytes)) {
      this.#tally.notPassed++;
      if (this.#options.pass === true) return true;
    }
    let alts = 1;
    for (let at = cells[2 * ALT]!; at < cells[2 * ALT + 1]!; at++) if (bytes[at] === COMMA) alts++;
    const fields = this.#fieldsOf(bytes, line);
    if (alts === 1) {
      const alleles = bytes[cells[2 * ALT]!] === DOT && cells[2 * ALT + 1]! - cells[2 * ALT]! === 1 ? 1 : 2;
      this.#variant(bytes, end, line, fields, 1, alleles, cells[2 * ALT]!, cells[2 * ALT + 1]!);
    } else this.#multiallelic(bytes, end, line, fields, alts);
    this.#count(fields);
    return true;
  }

  /** What the user should know, one line each. Throws where no variant has the field asked for. */
  messages(): string[] {
    const { dosageField = "auto", multiallelic = "skip", pass = false } = this.#options;
    const tally = this.#tally;
    const messages: string[] = [];
    const { count } = this.variants;
    const say = (text: string): void => void messages.push(`${this.#name}: ${text}`);
    if (count > 0 && (dosageField === "DS" ? tally.withDs : tally.withDs + tally.withGt) === 0) {
      throw new InputError(
        this.#name,
        `no variant has ${dosageField === "auto" ? "GT" : dosageField} in its FORMAT`,
        dosageField === "DS"
          ? "--dosage-field GT takes the calls"
          : "--dosage-field DS takes dosages, if it has DS",
      );
    }
    if (tally.multiallelic > 0) {
      const sites = `${counted(tally.multiallelic, "site")} with several ALT alleles`;
      say(
        multiallelic === "split"
          ? `${sites} split into ${counted(tally.fromMultiallelic, "variant")}, one an ALT, named ID_ALT`
          : `${sites} left out (first in line ${tally.firstMultiallelic}); --multiallelic split tests each ALT`,
      );
    }
    if (tally.notPassed > 0) {
      const variants = `${counted(tally.notPassed, "variant")} whose FILTER is not PASS`;
      say(pass ? `${variants} left out (--pass)` : `${variants} kept; --pass leaves them out`);
    }
    if (tally.withoutFields > 0) {
      const fields = this.#useDs ? "neither DS nor GT" : "no GT";
      say(`${counted(tally.withoutFields, "variant")} with ${fields} in the FORMAT: without a call`);
    }
    const { halfCalls, haploidCalls } = this.#parser;
    if (halfCalls > 0) {
      say(`${counted(halfCalls, "call")} with one allele of two unknown (0/.) taken as missing`);
    }
    if (haploidCalls > 0) {
      say(`${counted(haploidCalls, "haploid call")} taken as two copies of the allele, as plink2 takes them`);
    }
    return messages;
  }

  /** Haploid calls of each sample on X. */
  get haploidOnX(): Uint32Array {
    return this.#parser.haploidOnX;
  }

  /** The first nine cells; how many of them there are. */
  #findCells(bytes: Uint8Array, start: number, end: number): number {
    const cells = this.#cells;
    let from = start;
    for (let cell = 0; cell < FIXED_COLUMNS; cell++) {
      const tab = bytes.indexOf(TAB, from);
      cells[2 * cell] = from;
      if (tab < 0 || tab >= end) {
        cells[2 * cell + 1] = end;
        return cell + 1;
      }
      cells[2 * cell + 1] = tab;
      from = tab + 1;
    }
    return FIXED_COLUMNS;
  }

  /** Where the record lies as to the regions; chromosomes are looked up when they change. */
  #place(bytes: Uint8Array, line: number, wanted: readonly Region[]): "before" | "in" | "behind" {
    const start = this.#cells[2 * CHROM]!;
    const end = this.#cells[2 * CHROM + 1]!;
    if (!sameBytes(this.#chromosome, bytes, start, end)) {
      this.#chromosome = bytes.slice(start, end);
      this.#regions = regionsOf(wanted, decode(bytes, start, end, this.#name, line));
    }
    const position = parseCountBytes(bytes, this.#cells[2 * POS]!, this.#cells[2 * POS + 1]!, LAST_POSITION);
    // A position that is none is said where the record is entered.
    if (position < 0) return "in";
    const last = this.#regions.at(-1);
    if (last === undefined || position > last.end) return "behind";
    for (const region of this.#regions) if (position >= region.start && position <= region.end) return "in";
    return "before";
  }

  /** Forgets the chromosome looked up: what comes next is of another region. */
  nextRegion(): void {
    this.#chromosome = new Uint8Array(0);
  }

  #passes(bytes: Uint8Array): boolean {
    const start = this.#cells[2 * FILTER]!;
    const length = this.#cells[2 * FILTER + 1]! - start;
    if (length === 1) return bytes[start] === DOT;
    return length === 4 && bytes[start] === 80 && bytes[start + 1] === 65 && bytes[start + 2] === 83;
  }

  #fieldsOf(bytes: Uint8Array, line: number): SampleFields {
    const start = this.#cells[2 * FORMAT]!;
    const end = this.#cells[2 * FORMAT + 1]!;
    let same = this.#format.length === end - start;
    for (let i = 0; same && i < this.#format.length; i++) {
      same = this.#format.charCodeAt(i) === bytes[start + i];
    }
    if (same) return this.#fields;
    this.#format = decode(bytes, start, end, this.#name, line);
    const names = this.#format.split(":");
    this.#fields = {
      count: names.length,
      gt: names.indexOf("GT"),
      ds: this.#useDs ? names.indexOf("DS") : -1,
    };
    return this.#fields;
  }

  #count({ gt, ds }: SampleFields): void {
    if (gt >= 0) this.#tally.withGt++;
    if (ds >= 0) this.#tally.withDs++;
    if (gt < 0 && ds < 0) this.#tally.withoutFields++;
  }

  #multiallelic(bytes: Uint8Array, end: number, line: number, fields: SampleFields, alts: number): void {
    const { multiallelic = "skip" } = this.#options;
    const tally = this.#tally;
    if (multiallelic === "error") {
      throw new InputError(
        atLine(this.#name, line),
        `has ${alts} ALT alleles`,
        "--multiallelic skip leaves such sites out, split tests each ALT",
      );
    }
    if (tally.multiallelic++ === 0) tally.firstMultiallelic = line;
    if (multiallelic === "skip") return;
    tally.fromMultiallelic += alts;
    let from = this.#cells[2 * ALT]!;
    for (let alt = 1; alt <= alts; alt++) {
      let to = from;
      while (to < this.#cells[2 * ALT + 1]! && bytes[to] !== COMMA) to++;
      this.#variant(bytes, end, line, fields, alt, alts + 1, from, to);
      from = to + 1;
    }
  }

  /** Makes the variant of the ALT allele in `altFrom` to `altTo`. */
  #variant(
    bytes: Uint8Array,
    end: number,
    line: number,
    fields: SampleFields,
    alt: number,
    alleles: number,
    altFrom: number,
    altTo: number,
  ): void {
    const cells = this.#cells;
    const bounds = this.#bounds;
    const { labels } = this;
    const offset = this.#labelsStored + labels.length;
    const cell = (at: number, from: number, to: number): void => {
      this.#checkLabel(bytes, from, to, line, at);
      bounds[2 * at] = labels.length;
      labels.append(bytes.subarray(from, to));
      bounds[2 * at + 1] = labels.length;
    };
    cell(0, cells[2 * CHROM]!, cells[2 * CHROM + 1]!);
    labels.byte(TAB);
    cell(1, cells[2 * ID]!, cells[2 * ID + 1]!);
    const unnamed = bounds[3]! - bounds[2]! === 1 && bytes[cells[2 * ID]!] === DOT;
    if (alleles > 2 && !unnamed) {
      labels.byte(UNDERSCORE);
      labels.append(bytes.subarray(altFrom, altTo));
      bounds[3] = labels.length;
    }
    labels.byte(TAB);
    labels.byte(48);
    labels.byte(TAB);
    cell(3, cells[2 * POS]!, cells[2 * POS + 1]!);
    labels.byte(TAB);
    cell(4, altFrom, altTo);
    labels.byte(TAB);
    cell(5, cells[2 * REF]!, cells[2 * REF + 1]!);
    labels.byte(NEWLINE);
    this.variants.enter(labels.bytes, bounds, line, offset);
    const parser = this.#parser;
    parser.onX = isX(bytes, cells[2 * CHROM]!, cells[2 * CHROM + 1]!);
    parser.parse(bytes, cells[2 * FORMAT + 1]! + 1, end, line, fields, alt, alleles);
    this.calls.append(parser.packed);
    this.remainders.add(parser.sample, parser.value, parser.entries);
  }

  /** Labels are stored with white space between them, so they can have none (nor may a VCF's). */
  #checkLabel(bytes: Uint8Array, from: number, to: number, line: number, at: number): void {
    let plain = to > from;
    for (let i = from; i < to; i++) if (bytes[i]! <= SPACE) plain = false;
    if (plain) return;
    const what = ["CHROM", "ID", "", "POS", "ALT", "REF"][at];
    throw new InputError(
      atLine(this.#name, line),
      to > from
        ? `${what} ${shown(decode(bytes, from, to, this.#name, line))} holds a space`
        : `${what} is empty`,
      "VCF has a point for what is missing, and no spaces",
    );
  }

  #wrongColumns(bytes: Uint8Array, start: number, end: number, line: number): InputError {
    let columns = 1;
    for (let at = start; at < end; at++) if (bytes[at] === TAB) columns++;
    return new InputError(
      atLine(this.#name, line),
      `has ${counted(columns, "column")}, a VCF with samples at least ${FIXED_COLUMNS + 1} (tab-separated)`,
      "it may be cut: write or copy the file again",
    );
  }
}

/** `X`, `23`, and both with `chr`, in any case. */
function isX(bytes: Uint8Array, start: number, end: number): boolean {
  // Looked at for every record: most end here.
  const last = bytes[end - 1]! | 0x20;
  if (end - start > 5 || (last !== LOWER_X && last !== THREE)) return false;
  return /^(chr)?(x|23)$/i.test(String.fromCharCode(...bytes.subarray(start, end)));
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
