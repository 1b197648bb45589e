import { InputError } from "../errors.ts";
import { isGzip } from "./gzip.ts";
import { BIM_COLUMNS } from "./plinkLabels.ts";
import type { ByteSource } from "./source.ts";
import { eachLine, emptyFile, findCells } from "./text.ts";
import { type LabelIndex, VariantIndex } from "./variantIndex.ts";
import { atLine, counted } from "./wording.ts";

const HASH = 35;

/**
 * Streams a .bim once. Keeps the first `capacity` variants and counts the rest in `total` (so that the caller
 * can say that there are too many). Throws {@link InputError} at the first line that is not a variant, that
 * is out of order, or that repeats a variant.
 */
export async function indexBim(
  bim: ByteSource,
  capacity: number,
): Promise<{ readonly total: number; readonly index: LabelIndex }> {
  if (isGzip(await bim.read(0, Math.min(2, bim.size)))) {
    throw new InputError(bim.name, "is a gzip file; a .bim is read in any order, so unpacked", "gunzip it");
  }
  const variants = new VariantIndex(
    {
      name: bim.name,
      positionColumn: "the fourth column",
      sort: "run plink --make-bed (1.9 sorts), or plink2 --make-pgen --sort-vars and then --make-bed",
      removeDuplicates:
        "keep one of them: plink2 --rm-dup force-first where both have one id, else plink2 --exclude with the id of one",
      ordered: false,
      alleles: " (A2 as ref, A1 as alt)",
    },
    capacity,
  );
  const bounds = new Int32Array(2 * BIM_COLUMNS);
  let total = 0;
  await eachLine(bim, neverInflate, (bytes, start, end, line, offset) => {
    if (total++ >= capacity) return;
    const cells = findCells(bytes, start, end, "white", bounds);
    if (line === 1 && bytes[start] === HASH) throw header(bim, line);
    if (cells !== BIM_COLUMNS) throw wrongColumns(bim, cells, line);
    variants.enter(bytes, bounds, line, offset);
  });
  if (total === 0) throw emptyFile(bim);
  await confirmIds(variants, bim, bounds);
  return { total, index: variants.finish(bim) };
}

/** The second pass over the labels, where ids may be repeated. */
export async function confirmIds(
  variants: VariantIndex,
  labels: ByteSource,
  bounds = new Int32Array(2 * BIM_COLUMNS),
): Promise<void> {
  if (variants.ids.sort() > 0) {
    let variant = 0;
    await eachLine(labels, neverInflate, (bytes, start, end) => {
      if (variant >= variants.count) return;
      findCells(bytes, start, end, "white", bounds);
      variants.confirm(bytes, bounds, variant++);
    });
  }
  variants.ids.finish();
}

function header(bim: ByteSource, line: number): InputError {
  return new InputError(
    atLine(bim.name, line),
    "a .bim has no header; this looks like a .pvar",
    "write the data set with plink2 --make-bed",
  );
}

function wrongColumns(bim: ByteSource, cells: number, line: number): InputError {
  return new InputError(
    atLine(bim.name, line),
    `has ${counted(cells, "column")}, a .bim has ${BIM_COLUMNS} (chromosome id cM position A1 A2)`,
    "write the data set with plink --make-bed",
  );
}

function neverInflate(): never {
  throw new Error("a .bim is not inflated");
}
