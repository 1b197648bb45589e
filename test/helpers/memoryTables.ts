import { parquetWriter } from "../../src/formats/parquet.ts";
import { type ByteSource, bytesSource } from "../../src/formats/source.ts";
import { memorySink, type TableSchema, type TableWriter } from "../../src/formats/table.ts";

/** Tables in Parquet in memory: what writes them takes `table`, what reads them `sources`, once all are closed. */
export function memoryTables(): {
  readonly table: (name: string, schema: TableSchema) => Promise<TableWriter>;
  readonly sources: () => Map<string, ByteSource>;
} {
  const sinks = new Map<string, ReturnType<typeof memorySink>>();
  return {
    table: async (name, schema) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return parquetWriter(sink, schema);
    },
    sources: () =>
      new Map([...sinks].map(([name, sink]) => [name, bytesSource(sink.bytes(), `${name}.parquet`)])),
  };
}
