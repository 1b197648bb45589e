import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../helpers/shared.ts";
import { Captured, qortex } from "./shell.ts";

describe("help", () => {
  test.each([
    "--help",
    "cis --help",
    "trans --help",
    "independent --help",
    "finemap --help",
    "covariates --help",
    "merge --help",
    "network --help",
    "network correlate --help",
    "network modules --help",
    "network coregulation --help",
    "network predict --help",
    "network enrich --help",
    "network key-genes --help",
    "network communities --help",
    "report --help",
    "view --help",
    "bench --help",
  ])("qortex %s", async (words) => {
    const { code, out, err } = await qortex(words.split(" "));
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out.replace(/^qortex \d+\.\d+\.\d+/, "qortex VERSION")).toMatchSnapshot();
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  test("the files of the examples are in the repository", async () => {
    const { out } = await qortex(["--help"]);
    const paths = new Set(out.match(/examples\/\S+/g));
    expect(paths.size).toBe(3);
    for (const path of paths) {
      const file = path.endsWith("genotypes") ? `${path}.bed` : path;
      expect(existsSync(join(repository, file)), file).toBe(true);
    }
  });

  test("qortex help cis is qortex cis --help", async () => {
    expect((await qortex(["help", "cis"])).out).toBe((await qortex(["cis", "--help"])).out);
  });

  test("fits a narrow terminal", async () => {
    const out = new Captured(true, 80);
    await qortex(["cis", "--help"], { out });
    for (const line of out.text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("without a command: help on standard error, and a failure", async () => {
    const { code, out, err } = await qortex([]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toBe((await qortex(["--help"])).out);
  });

  test("the version is that of package.json", async () => {
    const { code, out } = await qortex(["--version"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("a bad command line is one line and exit code 2", () => {
  test.each([
    "cs",
    "cis",
    "cis --out x",
    "trans --genotypes a --expression b",
    "cis --mav 0.1",
    "cis extra",
    "cis --genotypes",
    "cis --maf abc",
    "cis --maf 0.6",
    "cis --mac 1.5",
    "cis --call-rate -1",
    "cis --window 1Gb",
    "cis --window-anchor gene",
    "cis --p-value 0.1",
    "trans --p-value 0",
    "trans --window 1Mb",
    "cis --memory 512",
    "cis --memory 1M",
    "cis --threads 0",
    "cis --backend gpu",
    "cis --backend webgl",
    "cis --format csv",
    "cis --transform log",
    "cis --model lmm",
    "cis --seed -1",
    "bench extra",
    "bench --backend reference",
    "bench --threads 0",
    "bench --samples 3",
    "bench --device H100 --backend wasm",
  ])("qortex %s", async (words) => {
    const { code, out, err } = await qortex(words.split(" "));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^qortex: [^\n]+\n$/);
    expect(err).toMatchSnapshot();
  });
});
