import { describe, expect, it } from "vitest";
import type { CohortChoice, Job } from "../../../../src/app/engine/protocol.ts";
import { readText, writeFile } from "../../../../src/app/engine/store/directory.ts";
import { KeptRuns } from "../../../../src/app/engine/store/keptRuns.ts";
import { readRecord, writeRecord } from "../../../../src/app/engine/store/record.ts";
import { strictDirectory } from "../../../helpers/page/strictDirectory.ts";

const JOB: Job = { kind: "cis", window: 1e6, permutations: 0, seed: 1, backend: "wasm" };
const CHOICE: CohortChoice = {
  files: [{ name: "g.bed", file: new Blob(["calls"]), role: "bed" }],
  maf: 0.01,
  transform: "none",
};
const BYTES = 5;

async function begun() {
  const strict = strictDirectory();
  const runs = KeptRuns.inside(strict.root);
  const state = await runs.begin(JOB, "g × e", CHOICE, 1e9);
  return { strict, runs, state, folder: await runs.folder(state.id) };
}

describe("a record", () => {
  it("is the one before wherever the writing of the next is cut off", async () => {
    const content = JSON.stringify({ serial: 3, value: { n: 3 } }).length;
    for (let cut = 0; cut < content; cut++) {
      const strict = strictDirectory();
      await writeRecord(strict.root, "state", { n: 1 });
      await writeRecord(strict.root, "state", { n: 2 });
      strict.room = cut;
      await expect(writeRecord(strict.root, "state", { n: 3 })).rejects.toThrow("full");
      expect(await readRecord(strict.root, "state")).toEqual({ n: 2 });
      expect(strict.open.size).toBe(0);
      strict.room = Number.POSITIVE_INFINITY;
      await writeRecord(strict.root, "state", { n: 4 });
      expect(await readRecord(strict.root, "state")).toEqual({ n: 4 });
    }
  });
});

describe("kept runs", () => {
  it("are listed with what they hold, latest first", async () => {
    const { runs, state, folder } = await begun();
    await runs.setState({ ...state, parts: 4 });
    await writeFile(await folder.folder("parts"), "part-000000000-000000", "1234567");
    expect(await runs.list()).toEqual([
      {
        ...{ id: state.id, title: "g × e", started: state.started, job: JOB, filters: state.choice },
        ...{ bytes: 7 + BYTES, state: "unfinished", share: 0.25 },
      },
    ]);
    expect((await runs.inputs(state))?.map(({ name, role }) => [name, role])).toEqual([["g.bed", "bed"]]);
  });

  it("whose record is damaged keep their parts and results, and say so", async () => {
    const { runs, state, folder } = await begun();
    for (const name of ["state-1.json", "state-2.json"]) await writeFile(folder, name, '{"serial":7,"val');
    await writeFile(await folder.folder("parts"), "part-000000000-000000", "1234567");
    const damaged = { id: state.id, job: undefined, state: "damaged", share: 0, bytes: 7 + BYTES };
    expect(await runs.list()).toMatchObject([damaged]);
    const result = await folder.folder("result");
    await writeFile(result, "manifest.json", "{}");
    expect(await runs.list()).toMatchObject([{ ...damaged, share: 1, bytes: 9 + BYTES }]);
    const [listed] = await runs.list();
    expect(listed!.started).toBe(state.started);
    expect(await readText(result, "manifest.json")).toBe("{}");
    await runs.forget(state.id);
    expect(await runs.list()).toEqual([]);
  });

  it("leave out a start that never wrote anything", async () => {
    const { runs, strict, state } = await begun();
    await (await (await strict.root.folder("m0-1")).folder("inputs")).list();
    expect((await runs.list()).map(({ id }) => id)).toEqual([state.id]);
  });

  it("are forgotten whole, also where it was broken off halfway", async () => {
    const { runs, state, strict, folder } = await begun();
    const parts = await folder.folder("parts");
    // Another tab still writes.
    const sink = await parts.sink("part-000000000-000000");
    await expect(runs.forget(state.id)).rejects.toMatchObject({ name: "NoModificationAllowedError" });
    expect(await runs.list()).toEqual([]);
    await sink.close();
    expect(await runs.list()).toEqual([]);
    expect(await strict.root.list("folders")).toEqual([]);
  });

  it("are worked on by one tab at a time", async () => {
    const strict = strictDirectory();
    let elsewhere = false;
    let held = 0;
    const during: number[] = [];
    const runs = KeptRuns.inside(
      {
        ...strict.root,
        remove(name) {
          during.push(held);
          return strict.root.remove(name);
        },
      },
      async (_, act) => {
        if (elsewhere) return undefined;
        held++;
        return act().finally(() => held--);
      },
    );
    const files = [{ name: "g.bed", file: new Blob(["calls"]), role: "bed" as const }];
    const slice = files[0]!.file.slice.bind(files[0]!.file);
    files[0]!.file.slice = (...range) => {
      during.push(held);
      return slice(...range);
    };
    const state = await runs.begin(JOB, "g × e", { ...CHOICE, files }, 1e9);
    elsewhere = true;
    await expect(runs.forget(state.id)).rejects.toThrow("this run is open in another tab");
    expect(await runs.list()).toHaveLength(1);
    elsewhere = false;
    await runs.forget(state.id);
    expect(await runs.list()).toEqual([]);
    // Its inputs were copied, and all was removed, by the one tab that had it.
    expect(during).toEqual([1, 1]);
  });

  it("go on without their inputs where there turns out to be no room for them, and leave nothing open", async () => {
    const strict = strictDirectory();
    const runs = KeptRuns.inside(strict.root);
    const files = [{ name: "g.bed", file: new Blob([new Uint8Array(100_000)]), role: "bed" as const }];
    strict.room = 20_000;
    const state = await runs.begin(JOB, "g × e", { ...CHOICE, files }, 1e9);
    expect(state.inputs).toEqual([]);
    expect(await runs.inputs(state)).toBeUndefined();
    expect(strict.open.size).toBe(0);
    expect(await (await runs.folder(state.id)).list("folders")).toEqual([]);
  });

  it("close what was left open in their folder, whatever happened", async () => {
    const { runs, strict, state } = await begun();
    await expect(
      runs.working(state.id, async (folder) => {
        await (await (await folder.folder("result")).sink("cis_pairs.parquet")).write(new Uint8Array(10));
        throw new Error("in the midst");
      }),
    ).rejects.toThrow("in the midst");
    expect(strict.open.size).toBe(0);
  });
});
