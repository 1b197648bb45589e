import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { openCohort } from "../../../../src/app/engine/cohort.ts";
import type { GivenFile } from "../../../../src/app/engine/protocol.ts";
import { manifestText, samplesOfCohort } from "../../../../src/app/engine/runs/manifest.ts";
import { memoryDirectory, writeFile } from "../../../../src/app/engine/store/directory.ts";
import { cohortMarks } from "../../../../src/cohort/marks.ts";
import { expressionBed, plinkTrio, sampleIds } from "../../../helpers/cohortFiles.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const sha256 = async (blob: Blob): Promise<string> =>
  createHash("sha256")
    .update(Buffer.from(await blob.arrayBuffer()))
    .digest("hex");

test("the manifest has each file's hash, and holds one file at a time for it", async () => {
  vi.stubGlobal("navigator", { userAgent: "a test" });
  const ids = sampleIds(12);
  const files: GivenFile[] = [...plinkTrio("a", ids, 9), expressionBed("e.bed", ids, 3)];
  const open = await openCohort({ files, maf: 0.01, transform: "none" });
  const folder = memoryDirectory();
  await writeFile(folder, "cis_genes.parquet", "one");
  await writeFile(folder, "cis_pairs.parquet", "another");
  const tables = ["cis_genes.parquet", "cis_pairs.parquet"].map((name) => ({ name, rows: 1, bytes: 3 }));
  let [held, most] = [0, 0];
  const whole = Blob.prototype.arrayBuffer;
  vi.spyOn(Blob.prototype, "arrayBuffer").mockImplementation(async function (this: Blob) {
    held++;
    most = Math.max(most, held);
    try {
      return await whole.call(this);
    } finally {
      held--;
    }
  });
  const text = await manifestText(
    {
      job: { kind: "cis", window: 1, permutations: 0, seed: 1, backend: "wasm" },
      ...{ open, tables, backend: "a test", counts: {}, messages: [], seconds: 1 },
      facts: samplesOfCohort(open.cohort),
    },
    folder,
  );
  expect(most).toBe(1);
  const manifest: { inputs: unknown; files: unknown; cohort: unknown } = JSON.parse(text);
  expect(manifest.cohort).toEqual(cohortMarks(open.cohort));
  const roles = ["genotypes bed", "genotypes bim", "genotypes fam", "expression"];
  expect(manifest.inputs).toEqual(
    await Promise.all(
      files.map(async ({ name, file }, i) => ({
        ...{ role: roles[i], path: name, bytes: file.size, sha256: await sha256(file) },
      })),
    ),
  );
  expect(manifest.files).toEqual(
    ["one", "another"].map((content, i) => ({
      ...tables[i],
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
  );
  await open.close();
});
