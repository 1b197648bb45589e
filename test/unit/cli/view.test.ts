import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { Captured, qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-view-"));
/** Where the page is once built; a page of one line stands in for it where it is not. */
const page = fileURLToPath(new URL("../../../dist/page/", import.meta.url));
let made = false;
const out = join(scratch, "out");
let files: CohortFiles;

beforeAll(async () => {
  if (!existsSync(join(page, "index.html"))) {
    mkdirSync(page, { recursive: true });
    writeFileSync(
      join(page, "index.html"),
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self'"><title>page</title>`,
    );
    made = true;
  }
  files = writeCohort(join(scratch, "data"));
  const { code, err } = await qortex(["cis", ...cohortArguments(files, out)]);
  expect(code, err).toBe(0);
});
afterAll(() => {
  if (made) rmSync(page, { recursive: true });
  rmSync(scratch, { recursive: true, force: true });
});

/** Starts `qortex view`, and ends it when `use` has had its address. */
async function viewing(words: readonly string[], use: (address: string, said: string) => Promise<void>) {
  const stopper = new AbortController();
  const said = new Captured();
  const ended = qortex(["view", ...words], { out: said, signal: stopper.signal });
  try {
    const address = await new Promise<string>((done, fail) => {
      const until = performance.now() + 10_000;
      const look = (): void => {
        const found = /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//.exec(said.text);
        if (found !== null) done(found[0]);
        else if (performance.now() > until) fail(new Error(`no address: ${said.text}`));
        else setTimeout(look, 10);
      };
      look();
    });
    await use(address, said.text);
  } finally {
    stopper.abort();
  }
  const { code, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
}

interface View {
  readonly title: string;
  readonly result: readonly { readonly name: string; readonly url: string }[];
  readonly inputs: readonly {
    readonly role: string;
    readonly name: string;
    readonly url: string;
    readonly bytes: number;
  }[];
}

const viewOf = async (address: string): Promise<View> =>
  (await (await fetch(`${address}view.json`)).json()) as View;

test("serves the page, the result and the inputs, at an address that only who started it knows", async () => {
  await viewing([out], async (address, said) => {
    expect(said).toContain("Ctrl-C ends it");
    const index = await fetch(address);
    expect(index.headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*frame-ancestors 'none'$/,
    );
    await index.text();
    const view = await viewOf(address);
    expect(view.title).toBe("cis-eQTL map");
    const names = view.result.map(({ name }) => name);
    for (const name of ["cis_pairs.parquet", "cis_genes.parquet", "report.html", "manifest.json"])
      expect(names).toContain(name);
    for (const { name, url } of view.result) {
      const bytes = Buffer.from(await (await fetch(new URL(url, address))).arrayBuffer());
      expect(bytes.equals(readFileSync(join(out, name))), name).toBe(true);
    }
    const part = await fetch(new URL(view.result[0]!.url, address), { headers: { Range: "bytes=0-3" } });
    expect([part.status, await part.text()]).toEqual([206, "PAR1"]);
    expect(view.inputs.map(({ role }) => role).sort()).toEqual([
      ...["covariates", "expression", "genotypes bed", "genotypes bim", "genotypes fam"],
    ]);
    for (const { name, url, bytes } of view.inputs) {
      const got = await (await fetch(new URL(url, address))).arrayBuffer();
      expect(got.byteLength, name).toBe(bytes);
      expect(Buffer.from(got).equals(readFileSync(join(scratch, "data", name))), name).toBe(true);
    }
    const root = new URL("/", address);
    for (const wrong of ["", "view.json", `${"0".repeat(32)}/view.json`])
      expect((await fetch(new URL(wrong, root))).status, wrong).toBe(404);
    for (const wrong of [
      "result/nothing",
      "inputs/0/other",
      "inputs/9/cohort.bed",
      "result/..%2f..%2fdata%2fcohort.bed",
    ])
      expect((await fetch(new URL(wrong, address))).status, wrong).toBe(404);
  });
});

test("without inputs, and of inputs that have changed, it serves none, and says so", async () => {
  await viewing([out, "--no-inputs"], async (address, said) => {
    expect(said).toContain("no inputs");
    expect((await viewOf(address)).inputs).toEqual([]);
    expect((await fetch(`${address}inputs/0/cohort.bed`)).status).toBe(404);
  });
  appendFileSync(files.covariates, "\n");
  rmSync(files.expression);
  await viewing([out], async (address, said) => {
    expect(said).toContain("Not there any more, or of another size");
    expect((await viewOf(address)).inputs.map(({ name }) => name)).toEqual([
      "cohort.bed",
      "cohort.bim",
      "cohort.fam",
    ]);
  });
});

test("a manifest that names files elsewhere opens none of them", async () => {
  const path = join(out, "manifest.json");
  const text = readFileSync(path, "utf8");
  const manifest = JSON.parse(text) as { files: object[] };
  writeFileSync(
    path,
    JSON.stringify({ ...manifest, files: [...manifest.files, { name: "../data/cohort.fam" }] }),
  );
  await viewing([out], async (address) => {
    const names = (await viewOf(address)).result.map(({ name }) => name);
    expect(names).not.toContain("../data/cohort.fam");
    expect((await fetch(`${address}result/..%2Fdata%2Fcohort.fam`)).status).toBe(404);
  });
  writeFileSync(path, text);
});

test("what is no result is refused in a line", async () => {
  const said = async (...words: string[]) => {
    const { code, out: printed, err } = await qortex(["view", ...words]);
    return { code, printed, err: err.replaceAll(scratch, "SCRATCH") };
  };
  expect(await said(join(scratch, "data"))).toEqual({
    code: 2,
    printed: "",
    err: "qortex: SCRATCH/data: holds no finished result; give the folder that a command wrote\n",
  });
  expect((await said(join(scratch, "nowhere"))).code).toBe(2);
  expect(await said(out, "--port", "70000")).toMatchObject({ code: 2 });
});
