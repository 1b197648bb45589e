import type { Column, TableSchema } from "../../../src/formats/table.ts";
import { integer } from "../../helpers/formats.ts";

const NO_NUMBER = -2_147_483_648;
const ODD_DOUBLES = [0, -0, 5e-324, -1.7976931348623157e308, Infinity, -Infinity, 0.1, 1e21, 1e-7];
const ODD_TEXTS = ["a", "", "rs1", "ünï", "日本", "🧬x", "\u{ffff}", "A".repeat(300)];

/** A table in memory with its rows as plain values, null where a null is written. */
export interface RandomTable {
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
  readonly plain: Readonly<Record<string, readonly (string | number | null)[]>>;
  readonly rows: number;
}

/** Columns of each type, with few and with many distinct values, with and without nulls. */
export function randomTable(next: () => number, rows: number): RandomTable {
  const nulls = next() < 0.5 ? 0 : next();
  const isNull = (): boolean => next() < nulls;
  const spread = next() < 0.3 ? 1 : integer(next, 1, 3 * rows + 1);
  const texts = Array.from({ length: integer(next, 1, 40) }, (_, i) =>
    i < ODD_TEXTS.length && next() < 0.5 ? ODD_TEXTS[i]! : `variant_${i % 30}`,
  );
  const many = Array.from({ length: rows }, (_, i) => (isNull() ? "" : `id_${i % spread}`));
  const index = Uint32Array.from({ length: rows }, () => integer(next, 0, texts.length - 1));
  const doubles = Float64Array.from({ length: rows }, () =>
    isNull() ? Number.NaN : next() < 0.2 ? ODD_DOUBLES[integer(next, 0, 8)]! : next() - 0.5,
  );
  const fewDoubles = Float64Array.from({ length: rows }, () =>
    isNull() ? Number.NaN : integer(next, 0, 5) / 7,
  );
  const integers = Int32Array.from({ length: rows }, () =>
    isNull() ? NO_NUMBER : integer(next, -2_147_483_647, 2_147_483_647),
  );
  const positions = Int32Array.from({ length: rows }, () => integer(next, 0, spread) * 1000 - 7);
  const own = {
    doubles: Float64Array.from(texts, (_, i) => (isNull() ? Number.NaN : ODD_DOUBLES[i % 9]! / 3)),
    integers: Int32Array.from(texts, () => (isNull() ? NO_NUMBER : integer(next, -9, 9))),
  };
  const columns: Column[] = [
    { name: "text", type: "dictionary", values: texts, index },
    { name: "many", type: "string", values: many },
    { name: "double", type: "double", values: doubles },
    { name: "few", type: "double", values: fewDoubles },
    { name: "int", type: "int32", values: integers, missing: NO_NUMBER },
    { name: "position", type: "int32", values: positions },
    { name: "steps", type: "int32", values: positions.toSorted(), missing: -7 },
    { name: "jumps", type: "int32", values: integers, missing: NO_NUMBER },
    { name: "single", type: "double", values: doubles },
    { name: "byIndex", type: "double", values: own.doubles, index },
    { name: "countByIndex", type: "int32", values: own.integers, index, missing: NO_NUMBER },
  ];
  const encoding = { steps: "delta", jumps: "delta", single: "plain" } as const;
  return {
    schema: {
      columns: columns.map(({ name, type }) => ({
        ...{ name, type: type === "dictionary" ? "string" : type },
        ...(name in encoding ? { encoding: encoding[name as keyof typeof encoding] } : {}),
      })),
      metadata: { effect_allele: "slope is per copy", größe: "ä" },
    },
    columns,
    plain: {
      text: Array.from(index, (i) => texts[i]! || null),
      many: many.map((value) => value || null),
      double: Array.from(doubles, (value) => (Number.isNaN(value) ? null : value)),
      few: Array.from(fewDoubles, (value) => (Number.isNaN(value) ? null : value)),
      int: Array.from(integers, (value) => (value === NO_NUMBER ? null : value)),
      position: [...positions],
      steps: Array.from(positions.toSorted(), (value) => (value === -7 ? null : value)),
      jumps: Array.from(integers, (value) => (value === NO_NUMBER ? null : value)),
      single: Array.from(doubles, (value) => (Number.isNaN(value) ? null : value)),
      byIndex: Array.from(index, (i) => (Number.isNaN(own.doubles[i]) ? null : own.doubles[i]!)),
      countByIndex: Array.from(index, (i) => (own.integers[i] === NO_NUMBER ? null : own.integers[i]!)),
    },
    rows,
  };
}

/** The same rows in batches of random sizes; texts of a batch get a dictionary of their own. */
export function randomBatches(next: () => number, table: RandomTable): Column[][] {
  const batches: Column[][] = [];
  let from = 0;
  while (from < table.rows) {
    const to = Math.min(table.rows, from + integer(next, 1, next() < 0.5 ? 7 : 500));
    const own = next() < 0.5;
    batches.push(table.columns.map((column) => slice(column, from, to, own)));
    from = to;
  }
  return batches;
}

function slice(column: Column, from: number, to: number, own: boolean): Column {
  switch (column.type) {
    case "string":
      return { ...column, values: column.values.slice(from, to) };
    case "double":
    case "int32":
      return sliceNumbers(column, from, to, own);
    case "dictionary": {
      const index = column.index.slice(from, to);
      if (!own) return { ...column, index };
      // Values in another order, and one that no row uses.
      const values = ["unused", ...column.values].reverse();
      return { ...column, values, index: index.map((i) => column.values.length - 1 - i) };
    }
  }
}

/** By index, or row by row: a writer must not tell. */
function sliceNumbers(
  column: Extract<Column, { type: "double" | "int32" }>,
  from: number,
  to: number,
  own: boolean,
): Column {
  const { index, ...rest } = column;
  if (index === undefined) return { ...rest, values: column.values.subarray(from, to) } as Column;
  if (!own) return { ...column, index: index.slice(from, to) };
  const rows = Array.from(index.subarray(from, to), (i) => column.values[i]!);
  return column.type === "double"
    ? { name: column.name, type: "double", values: Float64Array.from(rows) }
    : { ...rest, type: "int32", values: Int32Array.from(rows) };
}
