import { InputError, throwIfAborted } from "../errors.ts";
import type { GenotypeSource } from "./genotypes.ts";
import { bedSource } from "./plink.ts";
import { confirmIds } from "./plinkBim.ts";
import { regionText } from "./regions.ts";
import { FEMALE, MALE } from "./sex.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { type OpenSpool, type Spool, spooledSource } from "./spool.ts";
import { indexedRuns, isIndexable, textFrom } from "./tabix.ts";
import { eachLineIn, emptyFile, textBytes } from "./text.ts";
import { type VcfHeader, VcfHeaderReader } from "./vcfHeader.ts";
import type { VcfOptions } from "./vcfOptions.ts";
import { VcfRecords } from "./vcfRecords.ts";
import { listed } from "./wording.ts";

/** What is stored at once. */
const FLUSH = 1 << 20;

export interface VcfSources {
  readonly vcf: ByteSource;
  /** Its tabix index (.tbi), where it has one. */
  readonly index?: ByteSource | undefined;
  readonly openSpool: OpenSpool;
}

/**
 * Genotypes of a VCF, plain, gzip or BGZF. The effect allele, whose copies are counted, is ALT. The file is
 * streamed once, from front to back (only the blocks of `options.regions`, where there is an index), and what
 * a map needs of it is kept in temporary stores: 2 bits a call, the labels, and 12 bytes for each dosage that
 * is not a whole number. Memory does not grow with it but for the few bytes a variant of every source.
 *
 * Throws {@link InputError} for a header that is missing, lines of other lengths, calls and dosages that are
 * none, more than two alleles a call, variants out of order or twice, and gzip that is cut or corrupt.
 */
export async function openVcf(
  sources: VcfSources,
  inflate: Inflate,
  options: VcfOptions = {},
): Promise<GenotypeSource> {
  const { vcf, openSpool } = sources;
  if (vcf.size === 0) throw emptyFile(vcf);
  const spools: Spool[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(spools.map((spool) => spool.close()));
  };
  try {
    for (let i = 0; i < 3; i++) spools.push(await openSpool());
    const [labels, calls, remainders] = spools as [Spool, Spool, Spool];
    const store = new Store(labels, calls, remainders);
    const reader = new VcfReader(sources, inflate, options, store);
    const { header, records, notes } = await reader.read();
    const messages = records.messages();
    const { variants } = records;
    if (variants.count === 0) throw noVariants(vcf, options);
    const [labelSource, callSource, remainderSource] = store.sources(vcf.name);
    await confirmIds(variants, labelSource);
    const index = variants.finish(labelSource);
    const entries = records.remainders.finish(remainderSource, header.samples.length);
    return {
      ...bedSource(
        callSource,
        0,
        header.samples,
        { ...index, messages: [...index.messages, ...messages, ...notes] },
        entries,
      ),
      name: vcf.name,
      ...sexByPloidy(records.haploidOnX, vcf.name),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The three stores, and how much is in each. */
class Store {
  readonly #spools: readonly Spool[];
  readonly #sizes = [0, 0, 0];

  constructor(...spools: readonly Spool[]) {
    this.#spools = spools;
  }

  /** Takes what the records have made so far, where that is enough. */
  async take(records: VcfRecords, atLeast: number): Promise<void> {
    const parts = [records.labels, records.calls, records.remainders.bytes];
    if (parts.every((part) => part.length < atLeast)) return;
    for (const [i, part] of parts.entries()) {
      if (part.length === 0) continue;
      await this.#spools[i]!.append(part.content());
      this.#sizes[i]! += part.length;
    }
    records.clear();
  }

  /** Labels, calls and remainders, as sources that are called `name`. */
  sources(name: string): [ByteSource, ByteSource, ByteSource] {
    const source = (i: number) => spooledSource(this.#spools[i]!, this.#sizes[i]!, name);
    return [source(0), source(1), source(2)];
  }
}

interface ReadVcf {
  readonly header: VcfHeader;
  readonly records: VcfRecords;
  readonly notes: readonly string[];
}

class VcfReader {
  readonly #sources: VcfSources;
  readonly #inflate: Inflate;
  readonly #options: VcfOptions;
  readonly #store: Store;

  constructor(sources: VcfSources, inflate: Inflate, options: VcfOptions, store: Store) {
    this.#sources = sources;
    this.#inflate = inflate;
    this.#options = options;
    this.#store = store;
  }

  async read(): Promise<ReadVcf> {
    const { vcf, index } = this.#sources;
    const { regions } = this.#options;
    if (regions === undefined) return this.#stream([]);
    if (index !== undefined && (await isIndexable(vcf))) return this.#seek(index);
    const why = index === undefined ? "no .tbi beside it" : "not BGZF, so its .tbi cannot be used";
    return this.#stream([
      `${vcf.name}: ${why}: all of it was read for --region (bgzip and tabix -p vcf spare that)`,
    ]);
  }

  /** The whole file, once. */
  async #stream(notes: readonly string[]): Promise<ReadVcf> {
    const { vcf } = this.#sources;
    const head = new VcfHeaderReader(vcf.name);
    let header: VcfHeader | undefined;
    let records: VcfRecords | undefined;
    let lines = 0;
    await eachLineIn(
      await textBytes(vcf, this.#inflate),
      vcf.name,
      (bytes, start, end, line) => {
        lines++;
        if (records !== undefined) {
          records.take(bytes, start, end, line);
          return;
        }
        header = head.take(bytes, start, end, line);
        if (header !== undefined) records = new VcfRecords(vcf.name, header, this.#options);
      },
      async () => {
        throwIfAborted(this.#options.signal);
        if (records !== undefined) await this.#store.take(records, FLUSH);
        return false;
      },
    );
    if (lines === 0) throw emptyFile(vcf);
    if (header === undefined || records === undefined) throw head.incomplete();
    await this.#store.take(records, 0);
    return { header, records, notes };
  }

  /** The header, then each region from where the index says to its last record. */
  async #seek(index: ByteSource): Promise<ReadVcf> {
    const { vcf } = this.#sources;
    const header = await this.#header();
    const { regions = [] } = this.#options;
    // Lines are counted from where the index leads to: messages must not pretend that they are the file's.
    const name = `${vcf.name} (${listed(regions.map(regionText))})`;
    const records = new VcfRecords(name, header, this.#options);
    let before = 0;
    for (const { region, text } of await indexedRuns(vcf, index, this.#inflate, regions)) {
      let inside = true;
      let lines = 0;
      records.nextRegion();
      await eachLineIn(
        text,
        name,
        (bytes, start, end, line) => {
          if (!inside) return;
          inside = records.take(bytes, start, end, before + line, region);
          lines = line;
        },
        async () => {
          throwIfAborted(this.#options.signal);
          await this.#store.take(records, FLUSH);
          return !inside;
        },
      );
      before += lines;
    }
    await this.#store.take(records, 0);
    return { header, records, notes: [] };
  }

  async #header(): Promise<VcfHeader> {
    const { vcf } = this.#sources;
    const head = new VcfHeaderReader(vcf.name);
    let header: VcfHeader | undefined;
    await eachLineIn(
      textFrom(vcf, this.#inflate, { block: 0, within: 0 }),
      vcf.name,
      (bytes, start, end, line) => {
        header ??= head.take(bytes, start, end, line);
      },
      async () => header !== undefined,
    );
    if (header === undefined) throw head.incomplete();
    return header;
  }
}

/**
 * Who has haploid calls on X is male, and then all others are female. A sample with less than half as many as another has them by
 * mistake, or where only some records are haploid.
 */
function sexByPloidy(haploid: Uint32Array, name: string): Pick<GenotypeSource, "sex"> {
  const most = haploid.reduce((largest, count) => Math.max(largest, count), 0);
  if (most === 0) return {};
  const of = Uint8Array.from(haploid, (count) => (2 * count >= most ? MALE : FEMALE));
  return { sex: { of, from: `the haploid calls on X of ${name}` } };
}

function noVariants(vcf: ByteSource, { regions, pass }: VcfOptions): InputError {
  if (regions !== undefined) {
    return new InputError(
      vcf.name,
      `has no variant in ${listed(regions.map(regionText))}`,
      "check the chromosome's name and the positions",
    );
  }
  const left = pass === true ? " with FILTER PASS" : "";
  return new InputError(vcf.name, `holds no variants${left}`, "give it records, or see --multiallelic");
}
