import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GivenFile, ResultFile, UnderstoodFile } from "../../../../src/app/engine/protocol.ts";

const asked = vi.hoisted(() => ({ results: [] as (readonly ResultFile[])[], opened: 0 }));
vi.mock("../../../../src/app/page/engine.ts", async () => {
  const { problem } = await import("../../../../src/app/page/state.ts");
  return {
    engine: {
      understand: async (files: readonly GivenFile[]) => ({
        files: files.map(
          ({ name, role = "unknown" }): UnderstoodFile => ({ name, role, bytes: 1, says: "" }),
        ),
        ready: files.some(({ role }) => role === "bed"),
        missing: [],
      }),
      open: async () => {
        asked.opened++;
        return {};
      },
      openResult: async (files: readonly ResultFile[]) => {
        asked.results.push(files);
        return { manifest: {} };
      },
    },
    show: (error: Error) => {
      problem.value = error.message;
    },
  };
});

const { openViewed } = await import("../../../../src/app/page/viewed.ts");
const { files, problem, result, understanding } = await import("../../../../src/app/page/state.ts");

type Served = Readonly<Record<string, string>>;

function serve(inputs: readonly (readonly [role: string, name: string])[], there: Served): void {
  const view = {
    title: "a map",
    result: [{ name: "cis_genes.parquet", url: "result/cis_genes.parquet" }],
    inputs: inputs.map(([role, name]) => ({ role, name, url: `inputs/${name}`, bytes: 1 })),
  };
  vi.stubGlobal("document", { baseURI: "http://127.0.0.1:8080/token/" });
  vi.stubGlobal("fetch", async (url: URL) => {
    const name = url.pathname.replace("/token/", "");
    if (name === "view.json") return new Response(JSON.stringify(view));
    const text = there[name];
    return text === undefined ? new Response("gone", { status: 404 }) : new Response(text);
  });
}

beforeEach(() => {
  Object.assign(asked, { results: [], opened: 0 });
  files.value = [];
  [problem.value, result.value, understanding.value] = [undefined, undefined, undefined];
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("what qortex view serves", () => {
  test("is opened with the cohort, each input as what the manifest calls it", async () => {
    serve(
      [
        ["genotypes bed", "g.bed"],
        ["interaction", "ages.txt"],
        ["keep", "some.txt"],
      ],
      { "inputs/g.bed": "1", "inputs/ages.txt": "2" },
    );
    await openViewed();
    expect(problem.value).toBeUndefined();
    expect(files.value.map(({ name, role }) => [name, role])).toEqual([
      ["g.bed", "bed"],
      ["ages.txt", "context"],
    ]);
    expect(asked.opened).toBe(1);
    expect(asked.results.map((given) => given.map(({ name }) => name))).toEqual([
      ["cis_genes.parquet"],
      ["cis_genes.parquet", "ages.txt"],
    ]);
  });

  test("an input that is gone ends in a line that names it, the result stays open", async () => {
    serve([["genotypes bed", "g.bed"]], {});
    await openViewed();
    expect(problem.value).toBe(
      "g.bed: the server answers 404; see that the file is where the command found it, and reload",
    );
    expect(result.value).toBeDefined();
    expect([asked.results.length, asked.opened, files.value.length]).toEqual([1, 0, 0]);
  });

  test("without genotypes the result is shown with what lies beside it, and no cohort is asked for", async () => {
    serve(
      [
        ["expression", "e.bed"],
        ["annotation", "genes.gtf"],
      ],
      { "inputs/e.bed": "1", "inputs/genes.gtf": "2" },
    );
    await openViewed();
    expect([problem.value, asked.opened]).toEqual([undefined, 0]);
    expect(asked.results.at(-1)?.map(({ name }) => name)).toEqual(["cis_genes.parquet", "genes.gtf"]);
  });
});
