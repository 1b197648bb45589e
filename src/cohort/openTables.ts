import { InputError, UsageError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { readExpressionBed } from "../formats/expressionBed.ts";
import { placeGenes, readExpressionMatrix, withSymbols } from "../formats/expressionText.ts";
import { readGenePlaces } from "../formats/genePlaces.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import type { ExpressionTable } from "../formats/tables.ts";
import { firstRow } from "../formats/text.ts";

/** Expression and what places and names its genes. */
export interface ExpressionSources {
  readonly expression: ByteSource;
  /** MatrixEQTL's `geneloc`: the expression is then a matrix without places. */
  readonly genePositions?: ByteSource | undefined;
  /** Places (where the expression has none), strands, symbols and biotypes. */
  readonly annotation?: ByteSource | undefined;
}

/**
 * Reads expression: a BED, or a matrix of genes x samples placed by `genePositions` or else by
 * `annotation`. Throws InputError for a matrix without either.
 */
export async function openExpression(sources: ExpressionSources, inflate: Inflate): Promise<ExpressionTable> {
  const { expression, genePositions } = sources;
  const annotation = sources.annotation && (await readAnnotation(sources.annotation, inflate));
  const isBed = /^#?chr(om|omosome)?$/i.test((await firstRow(expression, inflate, "##"))[0] ?? "");
  if (isBed && genePositions !== undefined) {
    throw new UsageError(
      `${expression.name} is a BED, which places its genes itself; leave out --gene-positions ${genePositions.name}`,
    );
  }
  // What is neither is read as a BED too, whose message says what one looks like.
  if (isBed || (genePositions === undefined && annotation === undefined)) {
    const table = await readBed(expression, inflate);
    return annotation === undefined ? table : withSymbols(table, annotation);
  }
  const matrix = await readExpressionMatrix(expression, inflate);
  if (genePositions === undefined) return placeGenes(matrix, annotation!);
  const placed = placeGenes(matrix, await readGenePlaces(genePositions, inflate));
  return annotation === undefined ? placed : withSymbols(placed, annotation);
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
