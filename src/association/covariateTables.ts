import { type Components, varianceShare } from "../cohort/components.ts";
import type { Column, TableSchema } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";
import { type Covariates, expressionName, genotypeName } from "./covariates.ts";

/** A whole small table: its name, layout and rows. */
export interface SmallTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
}

/** What becomes of a component. */
export type ComponentStatus = "used" | "not-chosen" | "variant-driven" | "collinear";

/** The tables that `qortex covariates` writes. */
export function covariateTables(
  result: Covariates,
  metadata: Readonly<Record<string, string>> = {},
): SmallTable[] {
  const tables: SmallTable[] = [];
  const add = (name: string, columns: readonly Column[]): void => {
    const schema = {
      columns: columns.map((column) => ({
        name: column.name,
        type: column.type === "dictionary" ? ("string" as const) : column.type,
      })),
      metadata,
    };
    tables.push({ name, schema, columns });
  };
  if (result.genotype !== undefined) {
    add("genotype_pcs", sampleRows(result.samples, result.genotype.components, genotypeName));
  }
  add("expression_pcs", sampleRows(result.samples, result.expression, expressionName));
  add("components", componentRows(result));
  if (result.titration !== undefined) add("titration", titrationRows(result));
  return tables;
}

/** A row a sample, a column a component. */
function sampleRows(
  samples: readonly string[],
  { vectors, count }: Components,
  name: (k: number) => string,
): Column[] {
  const n = samples.length;
  return [
    { name: "sample_id", type: "string", values: samples },
    ...Array.from({ length: count }, (_, k) => {
      const values = vectors.slice(k * n, (k + 1) * n);
      return { name: name(k), type: "double", values } as const;
    }),
  ];
}

/** What becomes of expression component `k`. */
export function expressionStatus({ usable, chosen }: Covariates, k: number): ComponentStatus {
  const place = usable.indexOf(k);
  if (place < 0) return "variant-driven";
  return place < chosen ? "used" : "not-chosen";
}

/** What becomes of genotype component `k`. */
export function genotypeStatus({ dropped }: Covariates, k: number): ComponentStatus {
  return dropped.some(({ name }) => name === genotypeName(k)) ? "collinear" : "used";
}

/** A row a component of genotypes, then of expression: its eigenvalue, what becomes of it and the variant that drives it. */
function componentRows(result: Covariates): Column[] {
  const { genotype, expression, drivers } = result;
  const driver = new Map(drivers.map((found) => [found.component, found]));
  const rows = [
    ...(genotype === undefined
      ? []
      : rowsOf(genotype.components, genotypeName, (k) => genotypeStatus(result, k))),
    ...rowsOf(expression, expressionName, (k) => expressionStatus(result, k)),
  ];
  const first = rows.length - expression.count;
  const driverOf = (row: number) => driver.get(row - first);
  const doubles = (name: string, value: (row: number) => number): Column => {
    return { name, type: "double", values: Float64Array.from(rows, (_, i) => value(i)) };
  };
  const strings = (name: string, value: (row: number) => string): Column => {
    return { name, type: "string", values: rows.map((_, i) => value(i)) };
  };
  return [
    strings("component", (i) => rows[i]!.name),
    doubles("eigenvalue", (i) => rows[i]!.eigenvalue),
    doubles("variance_share", (i) => rows[i]!.share),
    strings("status", (i) => rows[i]!.status),
    strings("driver_variant_id", (i) => driverOf(i)?.id ?? ""),
    doubles("driver_pval", (i) => pow10(driverOf(i)?.log10P ?? Number.NaN)),
    doubles("driver_log10_p", (i) => driverOf(i)?.log10P ?? Number.NaN),
  ];
}

interface ComponentRow {
  readonly name: string;
  readonly eigenvalue: number;
  readonly share: number;
  readonly status: ComponentStatus;
}

function rowsOf(
  components: Components,
  name: (k: number) => string,
  status: (k: number) => ComponentStatus,
): ComponentRow[] {
  return Array.from({ length: components.count }, (_, k) => ({
    name: name(k),
    eigenvalue: components.eigenvalues[k]!,
    share: varianceShare(components, k),
    status: status(k),
  }));
}

/** A row a number of components. */
function titrationRows({ titration, chosen }: Covariates): Column[] {
  const points = titration?.points ?? [];
  const integers = (name: string, value: (i: number) => number): Column => {
    return { name, type: "int32", values: Int32Array.from(points, (_, i) => value(i)) };
  };
  const marks = ({ components }: { readonly components: number }): string =>
    [
      components === titration?.elbow ? "elbow" : "",
      components === titration?.maximum ? "maximum" : "",
      components === chosen ? "chosen" : "",
    ]
      .filter((mark) => mark !== "")
      .join(",");
  return [
    integers("expression_pcs", (i) => points[i]!.components),
    integers("covariates", (i) => points[i]!.covariates),
    integers("genes_tested", (i) => points[i]!.genesTested),
    integers("egenes", (i) => points[i]!.egenes),
    { name: "mark", type: "string", values: points.map(marks) },
  ];
}
