import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../../../src/app/page/commandLine.ts";
import {
  DEFAULT_FILTERS,
  defaultJob,
  numberProblem,
  numberText,
  parsedNumber,
} from "../../../../src/app/page/jobOptions.ts";
import { integer, random } from "../../../helpers/formats.ts";

describe("numbers of the run view", () => {
  it.each([
    ["1Mb", 1_000_000],
    ["1 Mb", 1_000_000],
    ["0.29Mb", 290_000],
    ["500kb", 500_000],
    ["1,000,000", 1_000_000],
    ["2e6", 2_000_000],
    ["12 BP", 12],
  ])("reads %s as the command line does", (text, bases) => {
    expect(parsedNumber("window", text)).toBe(bases);
  });

  it.each(["", "Mb", "1 Gb", "1Mb2", "-1", "0x10", "Infinity", "NaN", "1..2", "a"])("refuses %o", (text) => {
    expect(parsedNumber("window", text)).toBeNaN();
    expect(numberProblem("window", parsedNumber("window", text))).toBe("a number is wanted");
  });

  it("knows kb and Mb of distances alone", () => {
    expect(parsedNumber("permutations", "1kb")).toBeNaN();
    expect(parsedNumber("pValue", "5e-8")).toBe(5e-8);
  });

  it("writes what it reads back as the same", () => {
    const next = random(1);
    for (let i = 0; i < 500; i++) {
      const value = integer(next, 0, 40) * 10 ** integer(next, 0, 7);
      expect(parsedNumber("distance", numberText("distance", value)), String(value)).toBe(value);
      const p = next() ** 20;
      expect(parsedNumber("pValue", numberText("pValue", p))).toBe(p);
    }
  });
});

describe("the command", () => {
  const files = { genotypes: "geno.bed", expression: "expression.bed.gz", covariates: "covariates.txt" };

  it("leaves out what is as by default", () => {
    expect(commandLine(defaultJob("cis"), DEFAULT_FILTERS, files)).toBe(
      "qortex cis --genotypes geno --expression expression.bed.gz --covariates covariates.txt --out cis-result",
    );
    const trans = { ...defaultJob("trans"), pValue: 1e-8, seed: 7 };
    expect(commandLine(trans, { maf: 0.05, transform: "inverse-normal" }, files)).toBe(
      "qortex trans --genotypes geno --expression expression.bed.gz --covariates covariates.txt --maf 0.05 --transform inverse-normal --p-value 1e-8 --seed 7 --out trans-result",
    );
    const network = { ...defaultJob("network"), type: "signed", power: 12 } as const;
    expect(commandLine(network, { maf: 0.05, transform: "none" }, { expression: "e.tsv" })).toBe(
      "qortex network modules --expression e.tsv --network-type signed --power 12 --min-module-size 20 --out network-result",
    );
  });

  it.runIf(process.platform !== "win32")("gives a shell the very names of the files", () => {
    for (const name of [
      "a b.tsv",
      "it's.tsv",
      "$(touch x).tsv",
      '"q".tsv',
      "-rf",
      "a;b&c|d>e",
      "Ä.tsv",
      "a\nb",
      "`x`",
      "*",
    ]) {
      const command = commandLine(defaultJob("network"), DEFAULT_FILTERS, { expression: name });
      const said = execFileSync("sh", ["-c", command.replace(/^qortex/, "printf '%s\\0'")], {
        encoding: "utf8",
      });
      const words = said.split("\0");
      expect(words[words.indexOf("--expression") + 1]).toBe(name.startsWith("-") ? `./${name}` : name);
    }
  });
});
