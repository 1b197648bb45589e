import { parseHTML } from "linkedom";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GeneColumns, ResultView } from "../../../../src/app/engine/protocol.ts";
import { madeGenes, madeLayout } from "../../../helpers/page/madeMap.ts";

const CONTEXTS = ["age", "share"];
const asked = vi.hoisted(() => ({ points: [] as (string | undefined)[], genes: 0 }));

/** Twice as many tests, and another lambda, with the second context. */
function genesWith(wanted: string | undefined): GeneColumns {
  const made = madeGenes(6);
  const context = CONTEXTS.find((one) => one === wanted) ?? CONTEXTS[0];
  const numVariants = new Int32Array(6).fill(context === "age" ? 100 : 200);
  return { ...made, numVariants, context, contexts: CONTEXTS };
}

vi.mock("../../../../src/app/page/engine.ts", () => ({
  engine: {
    report: async () => undefined,
    genes: async (context?: string) => {
      asked.genes++;
      return genesWith(context);
    },
    nullSample: async (context?: string) => ({
      log10P: Float64Array.of(-0.1, -0.5, -1.5),
      lambda: context === "share" ? 1.25 : 1.5,
    }),
    points: async (_limit: number, context?: string) => {
      asked.points.push(context);
      return { x: new Float64Array(0), y: new Float32Array(0), gene: new Uint32Array(0) };
    },
  },
}));

const { reportOf } = await import("../../../../src/app/page/reportPage.ts");
const { result, settings } = await import("../../../../src/app/page/state.ts");

const OPEN: ResultView = {
  ...{ id: "opened-1", kind: "cis", title: "cis-eQTL map", lede: "", tables: [], lambda: Number.NaN },
  ...{ samples: 90, significantQ: 0.05, cohort: false, gwas: [], layout: madeLayout(), messages: [] },
  manifest: {},
};

beforeEach(() => {
  vi.stubGlobal("document", parseHTML("<!doctype html><html><body></body></html>").document);
  [asked.points, asked.genes] = [[], 0];
  result.value = OPEN;
});
afterEach(() => {
  vi.unstubAllGlobals();
  [result.value, settings.value] = [undefined, {}];
});

test.each([
  { chosen: undefined, context: "age", tests: "600", lambda: "1.500" },
  { chosen: "share", context: "share", tests: "1,200", lambda: "1.250" },
])("the report of interactions, $chosen chosen, is of $context and says so", async (expected) => {
  const { chosen, context, tests, lambda } = expected;
  settings.value = chosen === undefined ? {} : { "map.context": chosen };
  const made = await reportOf(OPEN);
  if (!("page" in made)) throw new Error("the command line's report, where there is none");
  const { summary, figures } = made.page;
  const said = new Map(summary.map(({ label, value }) => [label, value]));
  expect(said.get("Interactions with")).toContain(`${context}, one of 2 contexts (age, share)`);
  expect([said.get("Pairs tested"), said.get("Lambda")]).toEqual([tests, lambda]);
  expect(figures.map(({ name }) => name)).toEqual(["manhattan", "qq", "lead-distance"]);
  for (const { title } of figures) expect(title).toContain(`, interactions with ${context}`);
  expect(figures[0]!.svg).toContain(`0.05 / ${tests} tests`);
  expect(asked.points).toEqual([context]);
});

test("the report of a network, which has no table of tested genes, asks for none", async () => {
  const made = await reportOf({ ...OPEN, kind: "network", title: "Modules of 608 genes" });
  if (!("page" in made)) throw new Error("the command line's report, where there is none");
  expect(made.page.title).toBe("Modules of 608 genes");
  expect(made.page.summary.map(({ label }) => label)).toEqual(["Samples"]);
  expect(asked.genes).toBe(0);
});
