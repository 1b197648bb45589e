import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { exportTable } from "../../../../src/app/engine/exportTable.ts";
import { requireComparable } from "../../../../src/app/engine/queries/comparing.ts";
import { ResultTables } from "../../../../src/app/engine/queries/tables.ts";
import type { OpenResult } from "../../../../src/app/engine/result.ts";
import { parquetWriter } from "../../../../src/formats/parquet.ts";
import { type ByteSource, blobSource, bytesSource } from "../../../../src/formats/source.ts";
import { memorySink } from "../../../../src/formats/table.ts";

async function table(): Promise<Uint8Array<ArrayBuffer>> {
  const sink = memorySink();
  const columns = [
    { name: "variant_id", type: "string" },
    { name: "slope", type: "double" },
  ] as const;
  const writer = parquetWriter(sink, { columns, metadata: {} }, 2);
  await writer.write([
    { name: "variant_id", type: "string", values: ["rs1", "rs2", "rs3"] },
    { name: "slope", type: "double", values: Float64Array.of(0.5, Number.NaN, -2) },
  ]);
  await writer.close();
  return new Uint8Array(sink.bytes());
}

function resultOf(source: ByteSource) {
  const tables = new Map([["cis_pairs", source]]);
  const open: OpenResult = { id: "", kind: "cis", name: "r", manifest: {}, tables, sides: {} };
  return { open, opened: new ResultTables(tables) };
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

describe("a table to save", () => {
  it("is the file itself where there is one: nothing of it is read", async () => {
    const bytes = await table();
    const source = blobSource(new File([bytes], "cis_pairs.parquet"));
    const { open, opened } = resultOf({ ...source, read: () => Promise.reject(new Error("read")) });
    const blob = await exportTable(open, opened, "cis_pairs", "parquet");
    expect(blob.type).toBe("application/vnd.apache.parquet");
    expect(await bytesOf(blob)).toEqual(bytes);
  });

  it("of an address has the same bytes", async () => {
    const bytes = await table();
    const { open, opened } = resultOf(bytesSource(bytes, "cis_pairs.parquet"));
    expect(await bytesOf(await exportTable(open, opened, "cis_pairs", "parquet"))).toEqual(bytes);
  });

  it("in text is gzipped, as the command line has it", async () => {
    const { open, opened } = resultOf(bytesSource(await table(), "cis_pairs.parquet"));
    const blob = await exportTable(open, opened, "cis_pairs", "tsv");
    expect(blob.type).toBe("application/gzip");
    expect(gunzipSync(await bytesOf(blob)).toString()).toBe(
      "variant_id\tslope\nrs1\t0.5\nrs2\tNA\nrs3\t-2\n",
    );
  });
});

describe("results to compare", () => {
  it("are maps of one kind", () => {
    const result = (kind: OpenResult["kind"]) => ({ kind, name: "other" });
    expect(() => requireComparable(result("cis"), result("cis"))).not.toThrow();
    expect(() => requireComparable(result("trans"), result("trans"))).not.toThrow();
    for (const kind of ["trans", "network"] as const)
      expect(() => requireComparable(result("cis"), result(kind))).toThrow(
        /^other: is a (trans map|network), and what is open is a cis map; maps of one kind/,
      );
    expect(() => requireComparable(result("network"), result("network"))).toThrow(
      "what is open is a network",
    );
  });
});
