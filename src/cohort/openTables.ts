import { InputError, UsageError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { readExpressionBed } from "../formats/expressionBed.ts";
import { hasPlaces, isParquet, readExpressionParquet } from "../formats/expressionParquet.ts";
import {
  type ExpressionMatrix,
  placeGenes,
  readExpressionMatrix,
  withSymbols,
} from "../formats/expressionText.ts";
import { type GeneAnnotation, readGenePlaces } from "../formats/genePlaces.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import type { ExpressionTable } from "../formats/tables.ts";
import { firstRow } from "../formats/text.ts";
import { suggestionText, suggestMapping } from "./suggest.ts";

/** Expression and what places and names its genes. */
export interface ExpressionSources {
  readonly expression: ByteSource;
  /** MatrixEQTL's `geneloc`: the expression is then a matrix without places. */
  readonly genePositions?: ByteSource | undefined;
  /** Places (where the expression has none), strands, symbols and biotypes. */
  readonly annotation?: ByteSource | undefined;
  /** Reads HDF5 (.h5ad), where the edge can. */
  readonly readHdf5?: ((source: ByteSource) => Promise<ExpressionMatrix>) | undefined;
}

/**
 * Reads expression: a BED, Parquet, or a matrix of genes x samples placed by `genePositions` or else by
 * `annotation`. Throws InputError for a matrix without either.
 */
export async function openExpression(sources: ExpressionSources, inflate: Inflate): Promise<ExpressionTable> {
  const { expression, genePositions } = sources;
  const annotation = sources.annotation && (await readAnnotation(sources.annotation, inflate));
  if (await isParquet(expression)) {
    const read = await readExpressionParquet(expression);
    if (!hasPlaces(read)) return placedMatrix(read, sources, annotation, inflate);
    if (genePositions !== undefined) throw placedAlready(expression, genePositions);
    return annotation === undefined ? read : withSymbols(read, annotation);
  }
  if (await isHdf5(expression)) {
    if (sources.readHdf5 === undefined) {
      throw new InputError(
        expression.name,
        "is HDF5 (.h5ad), which is read on Node only",
        "write it as Parquet",
      );
    }
    return placedMatrix(await sources.readHdf5(expression), sources, annotation, inflate);
  }
  const isBed = /^#?chr(om|omosome)?$/i.test((await firstRow(expression, inflate, "##"))[0] ?? "");
  if (isBed && genePositions !== undefined) {
    throw placedAlready(expression, genePositions);
  }
  // What is neither is read as a BED too, whose message says what one looks like.
  if (isBed || (genePositions === undefined && annotation === undefined)) {
    const table = await readBed(expression, inflate);
    return annotation === undefined ? table : withSymbols(table, annotation);
  }
  return placedMatrix(await readExpressionMatrix(expression, inflate), sources, annotation, inflate);
}

async function placedMatrix(
  matrix: ExpressionMatrix,
  { genePositions }: ExpressionSources,
  annotation: GeneAnnotation | undefined,
  inflate: Inflate,
): Promise<ExpressionTable> {
  if (genePositions !== undefined) {
    const table = placed(matrix, await readGenePlaces(genePositions, inflate));
    return annotation === undefined ? table : withSymbols(table, annotation);
  }
  if (annotation !== undefined) return placed(matrix, annotation);
  throw new UsageError(
    `${matrix.name} does not say where its genes lie; give --gene-positions or --annotation with it`,
  );
}

function placedAlready(expression: ByteSource, genePositions: ByteSource): UsageError {
  return new UsageError(
    `${expression.name} places its genes itself; leave out --gene-positions ${genePositions.name}`,
  );
}

/** {@link placeGenes}; where few or none match, how the ids may be written differently is said. */
function placed(matrix: ExpressionMatrix, places: GeneAnnotation): ExpressionTable {
  const known = [...places.row.keys()];
  const hint = (): string => {
    const suggestion = suggestMapping(matrix.id, known);
    return suggestion === undefined ? "" : suggestionText(suggestion, matrix.name, places.name);
  };
  try {
    const table = placeGenes(matrix, places);
    if (2 * table.id.length >= Math.min(matrix.id.length, known.length)) return table;
    const text = hint();
    return text === "" ? table : { ...table, messages: [...(table.messages ?? []), text] };
  } catch (error) {
    const text = error instanceof InputError ? hint() : "";
    if (!(error instanceof InputError) || text === "") throw error;
    throw new InputError(error.message, text, "", { cause: error });
  }
}

async function readBed(source: ByteSource, inflate: Inflate): Promise<ExpressionTable> {
  try {
    return await readExpressionBed(source, inflate);
  } catch (error) {
    if (error instanceof InputError && error.message.includes(": no header:")) {
      throw new InputError(
        error.message,
        "if it is a matrix of genes x samples, give --gene-positions or --annotation with it",
        "",
        { cause: error },
      );
    }
    throw error;
  }
}

/** Whether a file starts as HDF5 does. */
export async function isHdf5(source: ByteSource): Promise<boolean> {
  return source.size >= 8 && String.fromCharCode(...(await source.read(0, 8))) === "\x89HDF\r\n\x1a\n";
}
