import { InputError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { readCovariates } from "../formats/covariates.ts";
import { readExpressionBed } from "../formats/expressionBed.ts";
import { isParquet, readExpressionParquet } from "../formats/expressionParquet.ts";
import { type ExpressionMatrix, readExpressionMatrix } from "../formats/expressionText.ts";
import { matchGenes } from "../formats/genePlaces.ts";
import { readSampleList } from "../formats/lists.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import { firstRow } from "../formats/text.ts";
import { counted, listed } from "../formats/wording.ts";
import { type ExpressionSet, type ExpressionSetOptions, expressionSet } from "./expressionSet.ts";
import { isHdf5 } from "./openTables.ts";

/** The files of one cohort's expression. */
export interface ExpressionSetSources {
  readonly expression: ByteSource;
  readonly covariates?: ByteSource | undefined;
  /** Symbols. */
  readonly annotation?: ByteSource | undefined;
  readonly keep?: ByteSource | undefined;
  readonly remove?: ByteSource | undefined;
  /** Reads HDF5 (.h5ad), where the edge can. */
  readonly readHdf5?: ((source: ByteSource) => Promise<ExpressionMatrix>) | undefined;
}

export interface OpenExpressionSetOptions
  extends Pick<ExpressionSetOptions, "transform" | "maxMissing" | "onMessage"> {
  /** The matrix has a row a sample, as R's WGCNA keeps it. */
  readonly samplesInRows?: boolean | undefined;
}

/**
 * Reads expression (BED, Parquet, h5ad, or a matrix whose first column holds the ids; missing values are kept), and what
 * goes with it. Throws InputError for anything that cannot be used.
 */
export async function openExpressionSet(
  sources: ExpressionSetSources,
  inflate: Inflate,
  options: OpenExpressionSetOptions = {},
): Promise<ExpressionSet> {
  const { onMessage = () => {}, samplesInRows = false } = options;
  const matrix = await readMatrix(sources, inflate, samplesInRows, onMessage);
  const known = new Set(matrix.samples);
  const optional = async <T>(source: ByteSource | undefined, read: (source: ByteSource) => Promise<T>) =>
    source === undefined ? undefined : await read(source);
  const list = (source: ByteSource) => readSampleList(source, inflate, known);
  const annotation = await optional(sources.annotation, (source) => readAnnotation(source, inflate));
  const symbol =
    annotation &&
    Array.from(
      matchGenes(matrix.id, annotation, matrix.name).row,
      (at) => annotation.genes[at]?.symbol ?? "",
    );
  return expressionSet(
    { ...matrix, symbol },
    {
      ...options,
      covariates: await optional(sources.covariates, (source) => readCovariates(source, inflate, known)),
      keep: await optional(sources.keep, list),
      remove: await optional(sources.remove, list),
    },
  );
}

/** Columns that describe genes and hold no sample, in files that are no BED. */
const PLACES = /^#?(chr|chrom|chromosome|start|end|strand)$/i;

async function readMatrix(
  { expression, readHdf5 }: ExpressionSetSources,
  inflate: Inflate,
  samplesInRows: boolean,
  onMessage: NonNullable<OpenExpressionSetOptions["onMessage"]>,
): Promise<ExpressionMatrix> {
  if (await isParquet(expression))
    return turned(await readExpressionParquet(expression, "keep"), samplesInRows);
  if (await isHdf5(expression)) {
    if (readHdf5 === undefined) {
      const what = "is HDF5 (.h5ad), which is read on Node only";
      throw new InputError(expression.name, what, "write it as Parquet");
    }
    return turned(await readHdf5(expression), samplesInRows);
  }
  const [corner = ""] = await firstRow(expression, inflate, "##");
  if (/^#?chr(om|omosome)?$/i.test(corner)) return readExpressionBed(expression, inflate, "keep");
  const matrix = await readExpressionMatrix(expression, inflate, "keep");
  if (samplesInRows) return turned(matrix, true);
  const places = matrix.samples.filter((name) => PLACES.test(name));
  if (places.length < 2) return matrix;
  const text = `${matrix.name}: ${counted(places.length, "column")} that place genes (${listed(places)}), no samples: left out`;
  onMessage({ level: "info", text });
  return withoutColumns(matrix, PLACES);
}

function withoutColumns(matrix: ExpressionMatrix, names: RegExp): ExpressionMatrix {
  const width = matrix.samples.length;
  const kept = Array.from(matrix.samples.keys()).filter((s) => !names.test(matrix.samples[s]!));
  const values = new Float64Array(matrix.id.length * kept.length);
  for (let gene = 0; gene < matrix.id.length; gene++) {
    kept.forEach((s, to) => {
      values[gene * kept.length + to] = matrix.values[gene * width + s]!;
    });
  }
  return { ...matrix, samples: kept.map((s) => matrix.samples[s]!), values };
}

/** Rows and columns changed, where rows are samples. */
function turned(matrix: ExpressionMatrix, samplesInRows: boolean): ExpressionMatrix {
  if (!samplesInRows) return matrix;
  const [rows, columns] = [matrix.id.length, matrix.samples.length];
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) values[j * rows + i] = matrix.values[i * columns + j]!;
  }
  return { name: matrix.name, samples: matrix.id, id: matrix.samples, values };
}
