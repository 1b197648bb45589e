import type { Column, SchemaColumn, TableSchema } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";

/** A table whole in memory. */
export interface WholeTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
}

export const strings = (name: string, values: readonly string[]): Column => ({
  name,
  type: "string",
  values,
});
export const doubles = (name: string, values: ArrayLike<number>): Column => ({
  name,
  type: "double",
  values: values instanceof Float64Array ? values : Float64Array.from(values),
});
export const integers = (name: string, values: ArrayLike<number>): Column => ({
  name,
  type: "int32",
  values: Int32Array.from(values),
});
/** Texts by number: `values[index[i]]`. */
export const named = (name: string, values: readonly string[], index: Uint32Array): Column => ({
  name,
  type: "dictionary",
  values,
  index,
});
/** Columns of a table with a row for each of `rows`. */
export function columnsOf<Row>(rows: readonly Row[]) {
  type Value<T> = (row: Row, index: number) => T;
  return {
    strings: (name: string, of: Value<string>): Column => strings(name, rows.map(of)),
    doubles: (name: string, of: Value<number>): Column => doubles(name, Float64Array.from(rows, of)),
    integers: (name: string, of: Value<number>): Column => integers(name, Int32Array.from(rows, of)),
    /** Of log10 p. */
    probabilities: (of: Value<number>, names?: readonly [string, string]): Column[] =>
      probabilities(Float64Array.from(rows, of), names),
  };
}

/** p (0 where it underflows) and its logarithm, as `pval` and `log10_p` or other names. */
export const probabilities = (
  log10P: Float64Array,
  names: readonly [string, string] = ["pval", "log10_p"],
): Column[] => [doubles(names[0], log10P.map(pow10)), doubles(names[1], log10P)];

/** What the columns say of themselves. */
export function schemaOf(
  columns: readonly Column[],
  metadata: Readonly<Record<string, string>>,
): TableSchema {
  const schema = columns.map(({ name, type }): SchemaColumn => {
    if (type === "dictionary" || type === "string") return { name, type: "string" };
    return type === "double" ? { name, type, encoding: "plain" } : { name, type };
  });
  return { columns: schema, metadata };
}

export function wholeTable(
  name: string,
  columns: readonly Column[],
  metadata: Readonly<Record<string, string>>,
): WholeTable {
  return { name, schema: schemaOf(columns, metadata), columns };
}
