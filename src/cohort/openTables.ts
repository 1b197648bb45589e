import { InputError, UsageError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { readExpressionBed } from "../formats/expressionBed.ts";
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
  if (genePositions === undefined) return placed(matrix, annotation!);
  const table = placed(matrix, await readGenePlaces(genePositions, inflate));
  return annotation === undefined ? table : withSymbols(table, annotation);
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
