/** Small VCFs for the tests, random ones with their truth, and BGZF with a tabix index, written by the specification. */
import { deflateRawSync } from "node:zlib";
import type { GenotypeBlock } from "../../src/formats/genotypes.ts";
import { bytesSource } from "../../src/formats/source.ts";
import { memorySpool } from "../../src/formats/spool.ts";
import { openVcf } from "../../src/formats/vcf.ts";
import type { VcfOptions } from "../../src/formats/vcfOptions.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { integer } from "./formats.ts";

export const GT_LINE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">';
export const DS_LINE = '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">';

/** A VCF of tab-separated records, which tests write with spaces. */
export function vcfText(samples: readonly string[], records: readonly string[], meta = [GT_LINE]): string {
  const columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", ...samples];
  const lines = ["##fileformat=VCFv4.2", ...meta, columns.join("\t")];
  return `${[...lines, ...records.map((record) => record.replaceAll(" ", "\t"))].join("\n")}\n`;
}

/** Opens a VCF of bytes or text in memory. */
export function openBytes(content: string | Uint8Array, options: VcfOptions = {}, index?: Uint8Array) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return openVcf(
    {
      vcf: bytesSource(bytes, "t.vcf"),
      index: index && bytesSource(index, "t.vcf.gz.tbi"),
      openSpool: memorySpool,
    },
    inflateGzip,
    options,
  );
}

/** Dosages of a block by its definition: `[variant][sample]`, NaN where there is no call. */
export function dosagesOf(block: GenotypeBlock): number[][] {
  return Array.from({ length: block.count }, (_, v) => {
    const row = Array.from({ length: block.samples }, (_, s) => {
      const call = (block.packed[v * block.stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      return call === 3 ? Number.NaN : call;
    });
    const { remainder } = block;
    for (let i = remainder?.offset[v] ?? 0; i < (remainder?.offset[v + 1] ?? 0); i++) {
      row[remainder!.sample[i]!]! += remainder!.value[i]!;
    }
    return row;
  });
}

export interface RandomVcf {
  readonly text: string;
  readonly samples: readonly string[];
  readonly chromosome: readonly string[];
  readonly position: readonly number[];
  /** By GT alone, and with DS where a sample has it; NaN: missing. `[variant][sample]` */
  readonly calls: readonly (readonly number[])[];
  readonly dosages: readonly (readonly number[])[];
}

/** A random VCF of one ALT a site: phased and not, missing, haploid, DS in some lines, other fields around them. */
export function randomVcf(next: () => number, samples: number, variants: number): RandomVcf {
  const names = Array.from({ length: samples }, (_, s) => `S${s}`);
  const chromosome: string[] = [];
  const position: number[] = [];
  const calls: number[][] = [];
  const dosages: number[][] = [];
  const records: string[] = [];
  let at = 0;
  for (let v = 0; v < variants; v++) {
    const here = v < variants / 2 ? "chr1" : "chr2";
    if (chromosome.at(-1) !== here) at = 0;
    at += integer(next, 1, 400);
    chromosome.push(here);
    position.push(at);
    const format = ["GT", "GT", "GT:DS", "DS:GT", "GT:AD:DS", "GT:AD", "DS"][integer(next, 0, 6)]!;
    const fields = format.split(":");
    const odd = next() < 0.3;
    const call: number[] = [];
    const dosage: number[] = [];
    const cells = names.map(() => {
      const gt = randomCall(next, odd);
      const ds = next() < 0.1 ? "." : randomDosage(next, gt.haploid);
      const text = { GT: gt.text, DS: ds, AD: "12,7" };
      call.push(fields.includes("GT") ? gt.copies : Number.NaN);
      const copies = fields.includes("GT") ? gt.copies : Number.NaN;
      const scale = fields.includes("GT") && gt.haploid ? 2 : 1;
      dosage.push(fields.includes("DS") && ds !== "." ? scale * Number(ds) : copies);
      const cell = fields.map((field) => text[field as "GT"]);
      // Trailing fields may be left out.
      if (cell.at(-1) === "." && next() < 0.5 && cell.length > 1) cell.pop();
      return cell.join(":");
    });
    calls.push(call);
    dosages.push(dosage);
    records.push([here, at, `v${v}`, "A", "G", ".", "PASS", ".", format, ...cells].join("\t"));
  }
  return {
    text: vcfText(names, records, [GT_LINE, DS_LINE]),
    samples: names,
    chromosome,
    position,
    calls,
    dosages,
  };
}

function randomCall(next: () => number, odd: boolean): { text: string; copies: number; haploid: boolean } {
  const a = next() < 0.3 ? 1 : 0;
  const b = next() < 0.3 ? 1 : 0;
  const bar = next() < 0.5 ? "|" : "/";
  if (next() < 0.05) return { text: `.${bar}.`, copies: Number.NaN, haploid: false };
  if (odd && next() < 0.1) return { text: ".", copies: Number.NaN, haploid: false };
  if (odd && next() < 0.1) return { text: `${a}${bar}.`, copies: Number.NaN, haploid: false };
  if (odd && next() < 0.2) return { text: `${a}`, copies: 2 * a, haploid: true };
  return { text: `${a}${bar}${b}`, copies: a + b, haploid: false };
}

function randomDosage(next: () => number, haploid: boolean): string {
  const most = haploid ? 1 : 2;
  if (next() < 0.6) return String(integer(next, 0, most));
  const thousandths = integer(next, 0, 1000 * most);
  return next() < 0.5 ? (thousandths / 1000).toFixed(3) : String(thousandths / 1000);
}

/** BGZF of `text` in blocks of at most `size` bytes, and where each block starts in the text and the file. */
export function bgzf(
  text: string | Buffer,
  size: number,
): { bytes: Uint8Array; text: number[]; file: number[] } {
  const plain = typeof text === "string" ? Buffer.from(text) : text;
  const blocks: Buffer[] = [];
  const places = { text: [] as number[], file: [] as number[] };
  let at = 0;
  const add = (content: Buffer): void => {
    const packed = deflateRawSync(content);
    const block = Buffer.alloc(packed.length + 26);
    block.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0]);
    block.writeUInt16LE(block.length - 1, 16);
    packed.copy(block, 18);
    block.writeUInt32LE(crc32(content), packed.length + 18);
    block.writeUInt32LE(content.length, packed.length + 22);
    blocks.push(block);
    at += block.length;
  };
  for (let from = 0; from < plain.length; from += size) {
    places.text.push(from);
    places.file.push(at);
    add(plain.subarray(from, from + size));
  }
  add(Buffer.alloc(0));
  // zlib's empty block is the end-of-file block of the specification.
  return { bytes: Uint8Array.from(Buffer.concat(blocks)), ...places };
}

/** The CRC of gzip, a bit at a time. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A tabix index of a VCF text packed by {@link bgzf}, by the specification's own `reg2bin`. */
export function tabix(text: string, packed: { text: number[]; file: number[] }): Uint8Array {
  const virtual = (at: number): bigint => {
    let block = packed.text.length - 1;
    while (packed.text[block]! > at) block--;
    return (BigInt(packed.file[block]!) << 16n) | BigInt(at - packed.text[block]!);
  };
  const references = new Map<string, { bins: Map<number, [bigint, bigint][]>; linear: bigint[] }>();
  let at = 0;
  for (const line of text.split("\n")) {
    const start = at;
    at += Buffer.byteLength(line) + 1;
    if (line === "" || line.startsWith("#")) continue;
    const [name, pos, , ref] = line.split("\t");
    const reference = references.get(name!) ?? { bins: new Map(), linear: [] };
    references.set(name!, reference);
    const begin = Number(pos) - 1;
    const end = begin + ref!.length;
    const bin = regionBin(begin, end);
    const chunks = reference.bins.get(bin) ?? [];
    chunks.push([virtual(start), virtual(at)]);
    reference.bins.set(bin, chunks);
    for (let window = begin >> 14; window <= (end - 1) >> 14; window++)
      reference.linear[window] ??= virtual(start);
  }
  const out: Buffer[] = [];
  const int = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    out.push(bytes);
  };
  const long = (value: bigint): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    out.push(bytes);
  };
  out.push(Buffer.from("TBI\x01"));
  const names = Buffer.from([...references.keys()].map((name) => `${name}\0`).join(""));
  for (const value of [references.size, 2, 1, 2, 0, 35, 0, names.length]) int(value);
  out.push(names);
  for (const { bins, linear } of references.values()) {
    int(bins.size);
    for (const [bin, chunks] of bins) {
      int(bin);
      int(chunks.length);
      for (const [begin, end] of chunks) {
        long(begin);
        long(end);
      }
    }
    int(linear.length);
    let last = 0n;
    for (const place of linear) {
      last = place ?? last;
      long(last);
    }
  }
  return bgzf(Buffer.concat(out), 60_000).bytes;
}

/** The bin that a 0-based range lies in (SAM specification, section 5.3). */
function regionBin(begin: number, end: number): number {
  const last = end - 1;
  if (begin >> 14 === last >> 14) return 4681 + (begin >> 14);
  if (begin >> 17 === last >> 17) return 585 + (begin >> 17);
  if (begin >> 20 === last >> 20) return 73 + (begin >> 20);
  if (begin >> 23 === last >> 23) return 9 + (begin >> 23);
  if (begin >> 26 === last >> 26) return 1 + (begin >> 26);
  return 0;
}
