import { decode, eachLine } from "../../../formats/text.ts";
import { counted } from "../../../formats/wording.ts";
import { inflateInPage } from "../../inflate.ts";
import type { Sniffed } from "./facts.ts";
import type { Described } from "./fileFacts.ts";
import { linesOf } from "./head.ts";

/** Ids across and down, without the corner and what PLINK puts before the individual's id. */
export async function sampleTable(what: string, file: Sniffed): Promise<Described> {
  const [header = [], ...body] = file.table.rows;
  const family = /^#?FID$/i.test(header[0] ?? "") && /^IID$/i.test(header[1] ?? "");
  const ids = await idsDown(file, family ? 1 : 0);
  const down = isHeaded(header, body) ? ids.slice(1) : ids;
  const across = down.length === ids.length ? [] : headerSamples(file).slice(family ? 1 : 0);
  const size = `${counted(down.length, "row")} × ${counted(across.length || header.length - 1, "column")}`;
  return { says: `${what}, ${size}`, across, down };
}

/** A list of samples and numbers may begin with a sample. */
function isHeaded(header: readonly string[], body: Sniffed["table"]["rows"]): boolean {
  const isNumber = (cell = ""): boolean => cell !== "" && !Number.isNaN(Number(cell));
  return header.length !== 2 || !(isNumber(header[1]) && body.every((row) => isNumber(row[1])));
}

/** Samples of a list of sexes, a .fam or any table with a column of that name. */
export async function sex(file: Sniffed): Promise<Described> {
  const [header = []] = file.table.rows;
  const named = header.some((cell) => /^(sex|gender)$/i.test(cell));
  const iid = named ? header.findIndex((cell) => /^#?IID$/i.test(cell)) : header.length === 6 ? 1 : 0;
  const ids = await idsDown(file, Math.max(0, iid));
  const headed = named || !SEX_WORD.test(header[header.length === 6 ? 4 : 1] ?? "");
  const down = headed ? ids.slice(1) : ids;
  return { says: `Sex of samples, ${counted(down.length, "sample")}`, down };
}

const SEX_WORD = /^([012]|-9|m|f|u|male|female|na|nan|unknown|\.|)$/i;

/** The names in the header, with or without its first cell. */
export function headerSamples({ table }: Sniffed): readonly string[] {
  const [header = [], body] = table.rows;
  return body !== undefined && body.length === header.length + 1 ? header : header.slice(1);
}

/** Longer files than this are no lists of samples: their ids are those of the beginning. */
const LISTED = { plain: 2 ** 26, gzip: 2 ** 23, bgzf: 2 ** 23 };

/** The cells of a column, through the whole of a file that is not too long. */
export async function idsDown({ head, source, problem }: Sniffed, column: number): Promise<string[]> {
  const tabs = linesOf(head, 1)[0]?.includes("\t") === true;
  const cell = (line: string): string =>
    (tabs ? line.split("\t", column + 1) : line.trim().split(/\s+/, column + 1))[column]?.trim() ?? "";
  if (head.whole || problem !== undefined || source.size > LISTED[head.packing])
    return linesOf(head, 10_000_000)
      .filter((line) => line.trim() !== "")
      .map(cell);
  const ids: string[] = [];
  await eachLine(source, inflateInPage, (bytes, start, end, line) => {
    const text = decode(bytes, start, end, source.name, line);
    if (text.trim() !== "") ids.push(cell(text));
  });
  return ids;
}
