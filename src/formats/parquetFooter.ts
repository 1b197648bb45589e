import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";

/** The parts of a Parquet file that are Thrift structs in its compact protocol. */

export type Thrift = Record<`field_${number}`, unknown>;

export const MAGIC = new TextEncoder().encode("PAR1");
/** Fixed, so that a file's bytes do not follow the version; that is in the key-value metadata. */
export const WRITER = "qortex";
const OPTIONAL = 1;
const UTF8 = 0;

/** A SchemaElement of a nullable column of values, text or numbers. */
export function leaf(name: string, physical: number, isText: boolean): Thrift {
  return {
    field_1: physical,
    field_3: OPTIONAL,
    field_4: name,
    field_6: isText ? UTF8 : undefined,
    field_10: isText ? { field_1: {} } : undefined,
  };
}

export interface FooterFacts {
  /** SchemaElements below the root, depth first. */
  readonly schema: readonly Thrift[];
  /** Children of the root. */
  readonly columns: number;
  /** Columns of values. */
  readonly leaves: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** FileMetaData, its length and the closing magic; `groups` are serialised RowGroup structs. */
export function footer(
  { schema, columns, leaves, metadata }: FooterFacts,
  rows: number,
  groups: readonly Uint8Array[],
): Uint8Array {
  const head = thrift({
    field_1: 2,
    field_2: [{ field_4: "schema", field_5: columns }, ...schema],
    field_3: BigInt(rows),
  });
  const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }));
  // Thrift writes a field's number as the step from the field before. Row groups (field 4) are
  // spliced in as the bytes they were kept as, and 5, 6, 7 after 4 are the steps of 1, 2, 3 after 0.
  const tail = thrift({
    field_1: pairs.length === 0 ? undefined : pairs,
    field_2: WRITER,
    field_3: Array.from({ length: leaves }, () => ({ field_1: {} })),
  });
  const out = new ByteWriter();
  out.appendBytes(head.subarray(0, head.length - 1));
  const structList = 12;
  out.appendUint8((1 << 4) | 9);
  if (groups.length < 15) out.appendUint8((groups.length << 4) | structList);
  else {
    out.appendUint8((15 << 4) | structList);
    out.appendVarInt(groups.length);
  }
  for (const group of groups) out.appendBytes(group);
  out.appendBytes(tail);
  out.appendUint32(out.offset);
  out.appendBytes(MAGIC);
  return out.getBytes();
}

/** A struct in Thrift's compact protocol. Numbers become i32, bigints i64. */
export function thrift(struct: Thrift): Uint8Array {
  const out = new ByteWriter();
  serializeTCompactProtocol(out, struct);
  return out.getBytes();
}
