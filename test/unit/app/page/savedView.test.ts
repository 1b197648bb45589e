import { describe, expect, it } from "vitest";
import type { GivenFile, ResultView } from "../../../../src/app/engine/protocol.ts";
import { DEFAULT_FILTERS, defaultJob } from "../../../../src/app/page/jobOptions.ts";
import type { PageState } from "../../../../src/app/page/permalink.ts";
import {
  filesMissing,
  fingerprint,
  isResultOf,
  readSavedView,
  savedView,
  savedViewText,
  stateOf,
} from "../../../../src/app/page/savedView.ts";
import { InputError } from "../../../../src/errors.ts";
import { integer, random } from "../../../helpers/formats.ts";

const STATE: PageState = {
  view: "gene",
  selection: { gene: "ENSG00000172404.4", variant: "22_41256802", zoom: [1e6, 2e6] },
  settings: { "genes.sort": "q", "gene.residual": "on" },
  job: { ...defaultJob("cis"), seed: 7 },
  filters: { ...DEFAULT_FILTERS, maf: 0.05 },
};
const RESULT: Pick<ResultView, "id" | "kind" | "title" | "tables"> = {
  id: "r1",
  kind: "cis",
  title: "Cis eQTL map of 608 genes",
  tables: [
    { name: "cis_genes", rows: 608, bytes: 68_500 },
    { name: "cis_pairs", rows: 1_572_022, bytes: 56_000_000 },
  ],
};

function bytes(seed: number, size: number): Uint8Array<ArrayBuffer> {
  const next = random(seed);
  return Uint8Array.from({ length: size }, () => integer(next, 0, 255));
}

function given(name: string, content: Uint8Array<ArrayBuffer>): GivenFile {
  return { name, file: new Blob([content]) };
}

async function read(text: string) {
  return readSavedView("a.view.json", new Blob([text]));
}

describe("a saved view", () => {
  const files = [
    given("genotypes.bed", bytes(1, 200_000)),
    given("expression.bed.gz", bytes(2, 70_000)),
    given("empty.txt", bytes(3, 0)),
  ];

  it("gives state, files and result back", async () => {
    const saved = await savedView(STATE, files, RESULT as ResultView);
    const again = await read(savedViewText(saved));
    expect(again).toEqual(saved);
    expect(stateOf(again)).toEqual(STATE);
    expect(await filesMissing(again, files)).toEqual([]);
    expect(isResultOf(again, RESULT)).toBe(true);
  });

  it("holds no data", async () => {
    const secret = "NA12878 has 2 copies of the risk allele";
    const content = new TextEncoder().encode(secret.repeat(10));
    const text = savedViewText(await savedView(STATE, [given("a.txt", content)], undefined));
    expect(text).not.toContain("NA12878");
    expect(text.length).toBeLessThan(1000);
  });

  it("knows a file again by its name, size, beginning and end", async () => {
    const saved = await savedView(STATE, files, undefined);
    const other = (change: (content: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) =>
      filesMissing(saved, [given("genotypes.bed", change(bytes(1, 200_000))), ...files.slice(1)]);
    expect(await other((content) => content)).toEqual([]);
    const missing = [{ name: "genotypes.bed", other: true }];
    expect(await other((content) => content.with(0, content[0]! ^ 1) as Uint8Array<ArrayBuffer>)).toEqual(
      missing,
    );
    expect(
      await other((content) => content.with(199_999, content[199_999]! ^ 1) as Uint8Array<ArrayBuffer>),
    ).toEqual(missing);
    expect(await other((content) => content.slice(1))).toEqual(missing);
    expect(await filesMissing(saved, files.slice(1))).toEqual([{ name: "genotypes.bed", other: false }]);
  });

  it("tells files of few bytes apart too", async () => {
    const prints = await Promise.all(
      [0, 1, 2, 65_535, 65_536, 65_537, 131_072].map((size) => fingerprint(new Blob([bytes(4, size)]))),
    );
    expect(new Set(prints).size).toBe(prints.length);
  });

  it("knows its result by kind and tables, in whatever order", () => {
    const saved = { format: "qortex-view", version: 1, link: "", files: [], result: RESULT } as const;
    expect(isResultOf(saved, { ...RESULT, tables: RESULT.tables.toReversed() })).toBe(true);
    expect(isResultOf(saved, { ...RESULT, kind: "trans" })).toBe(false);
    expect(
      isResultOf(saved, {
        ...RESULT,
        tables: RESULT.tables.map((table) => ({ ...table, bytes: table.bytes + 1 })),
      }),
    ).toBe(false);
    expect(isResultOf(saved, undefined)).toBe(false);
  });
});

describe("what is no saved view", () => {
  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["another JSON", '{"version":1}'],
    ["a newer one", '{"format":"qortex-view","version":2}'],
    ["a large file", " ".repeat(1_000_001)],
  ])("is said in a line: %s", async (_, text) => {
    const failure = await read(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect(String(failure)).toMatch(/^InputError: a\.view\.json: [^\n]+; [^\n]+$/);
  });

  it("takes nothing unchecked from one that is", async () => {
    const saved = await read(
      JSON.stringify({
        format: "qortex-view",
        version: 1,
        link: "#view=evil&run.window=-5&gene=a",
        files: [{ name: 5, bytes: 1 }, null, "x", { name: "a", bytes: 1, sha256: 7, more: {} }],
        result: {
          id: "r",
          kind: "cis",
          title: "t",
          tables: [{ name: "a" }, { name: "b", rows: 1, bytes: 2 }],
        },
        more: 1,
      }),
    );
    expect(saved).toEqual({
      format: "qortex-view",
      version: 1,
      link: "#view=evil&run.window=-5&gene=a",
      files: [{ name: "a", bytes: 1 }],
      result: { id: "r", kind: "cis", title: "t", tables: [{ name: "b", rows: 1, bytes: 2 }] },
    });
    expect(stateOf(saved)).toEqual({
      selection: { gene: "a" },
      settings: {},
      job: defaultJob("cis"),
      filters: DEFAULT_FILTERS,
    });
  });
});
