import type { Column, SchemaColumn, TableSchema, TableWriter } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";
import { falseDiscoveryTable } from "../statistics/multiple.ts";
import type { CorrelatedPairs } from "./correlate.ts";
import { type Correlator, emptyStatistic } from "./correlator.ts";

/** Rows written at once. */
const BATCH = 65_536;

const COMBINED: readonly SchemaColumn[] = [
  { name: "cohorts", type: "int32" },
  { name: "direction", type: "string" },
  { name: "z", type: "double", encoding: "plain" },
  { name: "z_se", type: "double" },
  { name: "cochran_q", type: "double", encoding: "plain" },
  { name: "i_square", type: "double", encoding: "plain" },
  { name: "pval_q", type: "double", encoding: "plain" },
];

function pairSchema(
  correlator: Correlator,
  top: boolean,
  metadata: Readonly<Record<string, string>>,
): TableSchema {
  const text = (name: string): SchemaColumn => ({ name, type: "string" });
  const names = top ? (["gene", "partner"] as const) : (["gene_a", "gene_b"] as const);
  return {
    columns: [
      ...names.map(text),
      ...(correlator.genes.symbol === undefined
        ? []
        : names.map((name) => text(name.replace(/^(gene|partner)/, "$1_symbol")))),
      ...(top ? [{ name: "rank", type: "int32" } as const] : []),
      { name: "n", type: "int32" },
      { name: "r", type: "double", encoding: "plain" },
      { name: "pval", type: "double", encoding: "plain" },
      { name: "log10_p", type: "double", encoding: "plain" },
      { name: "qval", type: "double", encoding: "plain" },
      ...(correlator.cohorts.length > 1 ? COMBINED : []),
    ],
    metadata,
  };
}

/** Opens the tables of a result. */
export type OpenTable = (name: string, schema: TableSchema) => Promise<TableWriter>;

/**
 * Writes `correlations`: a row a pair, or with `top` a row a gene and partner of it. q is Benjamini and Hochberg's over all
 * tests, of whose p those of the pairs written are known: of all that passed a limit it is exact but for the last few
 * (as in a trans map); with `top` it is an upper bound.
 */
export async function writePairs(
  pairs: CorrelatedPairs,
  open: OpenTable,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const { correlator, top } = pairs;
  const table = await open("correlations", pairSchema(correlator, top !== undefined, metadata));
  const discovery = falseDiscoveryTable(pairs.log10P.slice(), pairs.tests);
  for (const { first, second, rank } of rowsOf(pairs)) {
    await table.write(
      columnsOf(correlator, first, second, rank, (log10P) => pow10(discovery.log10Q(log10P))),
    );
  }
  await table.close();
}

interface Rows {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly rank: Int32Array | undefined;
}

/** The rows in batches. */
function* rowsOf({ a, b, top }: CorrelatedPairs): Generator<Rows> {
  if (top === undefined) {
    for (let at = 0; at < a.length; at += BATCH) {
      yield { first: a.subarray(at, at + BATCH), second: b.subarray(at, at + BATCH), rank: undefined };
    }
    return;
  }
  for (let gene = 0; gene < top.length; ) {
    let end = gene;
    let rows = 0;
    while (end < top.length && (rows === 0 || rows + top[end]!.length <= BATCH)) rows += top[end++]!.length;
    const first = new Uint32Array(rows);
    const second = new Uint32Array(rows);
    const rank = new Int32Array(rows);
    let at = 0;
    for (; gene < end; gene++) {
      for (const [k, partner] of top[gene]!.entries()) {
        first[at] = gene;
        second[at] = partner;
        rank[at++] = k + 1;
      }
    }
    if (rows > 0) yield { first, second, rank };
  }
}

function columnsOf(
  correlator: Correlator,
  first: Uint32Array,
  second: Uint32Array,
  rank: Int32Array | undefined,
  qOf: (log10P: number) => number,
): Column[] {
  const rows = first.length;
  const doubles = () => new Float64Array(rows);
  const out = emptyStatistic();
  const n = new Int32Array(rows);
  const cohorts = new Int32Array(rows);
  const direction: string[] = [];
  const [r, pval, log10P, qval] = [doubles(), doubles(), doubles(), doubles()];
  const [z, zSe, cochran, iSquare, pvalQ] = [doubles(), doubles(), doubles(), doubles(), doubles()];
  const several = correlator.cohorts.length > 1;
  for (let i = 0; i < rows; i++) {
    correlator.statistic(first[i]!, second[i]!, out);
    n[i] = out.n;
    r[i] = out.r;
    pval[i] = pow10(out.log10P);
    log10P[i] = out.log10P;
    qval[i] = qOf(out.log10P);
    if (!several) continue;
    cohorts[i] = out.cohorts;
    direction.push(correlator.direction(first[i]!, second[i]!));
    z[i] = out.z;
    zSe[i] = out.zSe;
    cochran[i] = out.q;
    iSquare[i] = out.iSquare;
    pvalQ[i] = pow10(out.log10PQ);
  }
  const [left, right] = rank === undefined ? ["gene_a", "gene_b"] : ["gene", "partner"];
  const { id, symbol } = correlator.genes;
  const genes = (name: string, values: readonly string[], index: Uint32Array): Column => ({
    ...{ name, type: "dictionary", values, index },
  });
  const numbers = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  return [
    genes(left!, id, first),
    genes(right!, id, second),
    ...(symbol === undefined
      ? []
      : [
          genes(left!.replace(/^(gene|partner)/, "$1_symbol"), symbol, first),
          genes(right!.replace(/^(gene|partner)/, "$1_symbol"), symbol, second),
        ]),
    ...(rank === undefined ? [] : [{ name: "rank", type: "int32", values: rank } as const]),
    { name: "n", type: "int32", values: n },
    ...[numbers("r", r), numbers("pval", pval), numbers("log10_p", log10P), numbers("qval", qval)],
    ...(several
      ? [
          { name: "cohorts", type: "int32", values: cohorts } as const,
          { name: "direction", type: "string", values: direction } as const,
          ...[numbers("z", z), numbers("z_se", zSe), numbers("cochran_q", cochran)],
          ...[numbers("i_square", iSquare), numbers("pval_q", pvalQ)],
        ]
      : []),
  ];
}

/** A row a gene of the input: what became of it, and how many of the pairs written it is in. */
export function geneTable(
  { correlator, a, b }: CorrelatedPairs,
  metadata: Readonly<Record<string, string>>,
): { name: string; schema: TableSchema; columns: Column[] } {
  const { id, symbol } = correlator.genes;
  const pairs = new Int32Array(id.length);
  for (const list of [a, b]) for (const gene of list) pairs[gene] = pairs[gene]! + 1;
  const cohorts = Int32Array.from(
    id,
    (_, gene) => correlator.cohorts.filter(({ row }) => row[gene]! >= 0).length,
  );
  const columns: Column[] = [
    { name: "gene", type: "string", values: id },
    ...(symbol === undefined ? [] : [{ name: "gene_symbol", type: "string", values: symbol } as const]),
    { name: "status", type: "string", values: id.map((_, gene) => statusOf(correlator, gene)) },
    { name: "cohorts", type: "int32", values: cohorts },
    { name: "pairs", type: "int32", values: pairs },
  ];
  const schema = columns.map(
    ({ name, type }): SchemaColumn => ({ name, type: type === "dictionary" ? "string" : type }),
  );
  return { name: "genes", schema: { columns: schema, metadata }, columns };
}

/** `ok` where a cohort has the gene, else why the first that lists it has not. */
function statusOf(correlator: Correlator, gene: number): string {
  if (correlator.isThere(gene)) return "ok";
  const id = correlator.genes.id[gene]!;
  for (const { set } of correlator.cohorts) {
    const row = set.id.indexOf(id);
    if (row >= 0) return set.status[row] === "ok" ? "constant" : set.status[row]!;
  }
  return "constant";
}
