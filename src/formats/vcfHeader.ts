import { InputError } from "../errors.ts";
import { checkName, decode } from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

const HASH = 35;
/** Columns before the samples: CHROM POS ID REF ALT QUAL FILTER INFO FORMAT. */
export const FIXED_COLUMNS = 9;

export interface VcfHeader {
  readonly samples: readonly string[];
  /** Whether it declares the FORMAT field DS. */
  readonly declaresDs: boolean;
}

/** Takes a VCF's lines until it has the header. */
export class VcfHeaderReader {
  readonly #name: string;
  #declaresDs = false;
  #started = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** The header, once `#CHROM` is there. Throws {@link InputError} where it is not a VCF's, or has no samples. */
  take(bytes: Uint8Array, start: number, end: number, line: number): VcfHeader | undefined {
    if (!this.#started) {
      if (!startsWith(bytes, start, end, "##fileformat=VCF")) throw this.#notVcf(bytes, start, end, line);
      this.#started = true;
      return undefined;
    }
    if (bytes[start] !== HASH) {
      throw new InputError(
        atLine(this.#name, line),
        "has no header line #CHROM before the first variant",
        "write the file again with bcftools",
      );
    }
    if (bytes[start + 1] === HASH) {
      if (startsWith(bytes, start, end, "##FORMAT=<ID=DS,")) this.#declaresDs = true;
      return undefined;
    }
    return { samples: this.#samples(bytes, start, end, line), declaresDs: this.#declaresDs };
  }

  /** The error for a file that ends before its `#CHROM`. */
  incomplete(): InputError {
    return new InputError(this.#name, "ends before its header line #CHROM", "copy or write it again");
  }

  #samples(bytes: Uint8Array, start: number, end: number, line: number): string[] {
    const cells = decode(bytes, start, end, this.#name, line).split("\t");
    const where = atLine(this.#name, line);
    const wanted = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT";
    if (cells.length <= FIXED_COLUMNS && cells.slice(0, 8).join(" ") === wanted.slice(0, -7)) {
      throw new InputError(where, "the file has no samples (sites only)", "give one with genotypes");
    }
    if (cells.slice(0, FIXED_COLUMNS).join(" ") !== wanted) {
      throw new InputError(
        where,
        `starts with ${shown(cells.slice(0, FIXED_COLUMNS).join(" "), 60)}, a VCF with ${wanted}`,
        "separate the columns by tabs",
      );
    }
    const samples = cells.slice(FIXED_COLUMNS);
    const columnOf = new Map<string, number>();
    for (const [i, sample] of samples.entries()) {
      checkName(sample, "sample", where);
      const before = columnOf.get(sample);
      if (before !== undefined) {
        throw new InputError(
          where,
          `sample ${sample} is there twice (${counted(samples.length, "sample")}, numbers ${before + 1} and ${i + 1})`,
          "make the sample names unique: bcftools reheader -s",
        );
      }
      columnOf.set(sample, i);
    }
    return samples;
  }

  #notVcf(bytes: Uint8Array, start: number, end: number, line: number): InputError {
    const text = decode(bytes, start, Math.min(end, start + 60), this.#name, line);
    if (text.startsWith("BCF")) {
      return new InputError(this.#name, "is BCF", "make it VCF: bcftools view -O z -o OUT.vcf.gz");
    }
    return new InputError(
      atLine(this.#name, line),
      `is not a VCF: starts with ${shown(text)}, not ##fileformat=VCF`,
      "the header must be whole; bcftools view writes it",
    );
  }
}

function startsWith(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
