import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../../../src/app/page/commandLine.ts";
import {
  DEFAULT_FILTERS,
  defaultJob,
  jobText,
  NUMBERS,
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

  it.each([
    "",
    "Mb",
    "1 Gb",
    "1Mb2",
    "-1",
    "0x10",
    "Infinity",
    "NaN",
    "1..2",
    "a",
    "1,5",
    "10,00",
    "1,000,00",
  ])("refuses %o", (text) => {
    expect(parsedNumber("window", text)).toBeNaN();
    expect(numberProblem("window", parsedNumber("window", text))).toBe(
      "whole bases from 0 to 2,147,483,647, such as 500kb or 1Mb",
    );
  });

  it("takes a decimal comma for no number, where it could be one of thousands", () => {
    expect(parsedNumber("pValue", "0,01")).toBeNaN();
    expect(parsedNumber("maf", "0,05")).toBeNaN();
    expect(parsedNumber("permutations", "1,000")).toBe(1000);
  });

  it.each([
    ["permutations", [0.5, -1, 1, 9, 100_001, Number.NaN], [0, 10, 100_000]],
    ["pValue", [0, -1e-5, 1.1, Number.POSITIVE_INFINITY], [1e-320, 1e-5, 1]],
    ["maf", [-0.01, 0.51], [0, 0.5]],
    ["seed", [-1, 1.5, 2 ** 32], [0, 2 ** 32 - 1]],
    ["window", [-1, 0.5, 1e99, 2 ** 31], [0, 2 ** 31 - 1]],
    ["power", [0, 101], [1, 6.5, 100]],
    ["minModuleSize", [1, 2.5], [2, 20]],
  ] as const)("knows what %s may be", (name, wrong, right) => {
    for (const value of wrong) expect(numberProblem(name, value), String(value)).toBe(NUMBERS[name].allowed);
    for (const value of right) expect(numberProblem(name, value), String(value)).toBeUndefined();
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

it("says a job in a line, by what differs from the defaults", () => {
  expect(jobText(defaultJob("cis"), DEFAULT_FILTERS)).toBe("cis map");
  const cis = { ...defaultJob("cis"), window: 500_000, permutations: 1000, seed: 3 };
  expect(jobText(cis, { maf: 0.05, transform: "inverse-normal" })).toBe(
    "cis map, window 500kb, 1,000 permutations, MAF 0.05, inverse-normal, seed 3",
  );
  const network = { ...defaultJob("network"), type: "signed", power: 12 } as const;
  expect(jobText(network, { maf: 0.05, transform: "none" })).toBe("network, signed, power 12");
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
