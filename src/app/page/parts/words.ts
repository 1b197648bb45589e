import { count } from "../../../report/numbers.ts";
import type { BackendChoice, FileRole } from "../../engine/protocol.ts";

/** What things are called in the page. */

export const BACKEND_NAMES: Readonly<Record<BackendChoice, string>> = {
  webgpu: "WebGPU",
  webgl: "WebGL",
  wasm: "WebAssembly",
  reference: "Reference",
};

export const ROLE_NAMES: Readonly<Partial<Record<FileRole, string>>> & Readonly<Record<string, string>> = {
  bed: "Genotypes (PLINK .bed)",
  bim: "Variants (PLINK .bim)",
  fam: "Samples (PLINK .fam)",
  vcf: "Genotypes (VCF)",
  "vcf-index": "Index of the VCF (.tbi)",
  dosages: "Genotypes (matrix)",
  "variant-positions": "Positions of variants",
  alleles: "Alleles of variants",
  expression: "Expression",
  "gene-positions": "Positions of genes",
  covariates: "Covariates",
  context: "Context (cell type, age)",
  sex: "Sex of samples",
  annotation: "Gene models",
  recombination: "Recombination map",
  gwas: "GWAS statistics",
  result: "Table of a result",
  unknown: "Not recognised",
};

/** `1.2 MB`; decimal, as disks and the command line count. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${count(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** `under a second`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 1) return "under a second";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600)
    return `${Math.floor(whole / 60)} min${whole < 600 && whole % 60 > 0 ? ` ${whole % 60} s` : ""}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ""}`;
}

/** `1.2 million`, `23,400`. */
export function largeText(value: number): string {
  if (value >= 999.5e9) return `${(value / 1e12).toPrecision(3)} trillion`;
  if (value >= 999.5e6) return `${(value / 1e9).toPrecision(3)} billion`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} million`;
  return count(value);
}
