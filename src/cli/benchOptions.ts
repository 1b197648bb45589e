import type { Command } from "commander";
import { group, type Machine } from "./options.ts";
import { numberIn, oneOf } from "./values.ts";

export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly backend: "auto" | "webgpu" | "wasm";
  readonly device?: string;
  readonly threads: number;
  readonly seed: number;
  readonly samples?: number;
  readonly variants?: number;
  readonly genes?: number;
}

export function addBenchOptions(command: Command, machine: Machine): void {
  const what = group(command, "What is measured:");
  what("--quick", "less work and fewer repeats: under a minute on two cores");
  what(
    "--backend <name>",
    "beside wasm. auto: a hardware GPU if there is one; webgpu: a GPU, made of software if need be; wasm: no GPU",
    { parse: oneOf(["auto", "webgpu", "wasm"]), initial: "auto", initialText: "auto" },
  );
  what("--device <name>", "the GPU, by part of its name; 'qortex doctor' lists them");
  what("--threads <n>", "worker threads of wasm; one thread alone is measured too", {
    parse: numberIn({ min: 1, max: 1024, integer: true }),
    initial: machine.threads,
    initialText: `one a core, ${machine.threads} here`,
  });
  const cohort = group(command, "The cohort:");
  cohort("--samples <n>", "people in it (default: 500)", {
    parse: numberIn({ min: 20, max: 100_000, integer: true }),
  });
  cohort(
    "--variants <n>",
    "variants of the whole commands (default: as many as this machine screens in seconds)",
    {
      parse: numberIn({ min: 100, max: 10_000_000, integer: true }),
    },
  );
  cohort("--genes <n>", "genes (default: 4000, 1000 with --quick)", {
    parse: numberIn({ min: 10, max: 100_000, integer: true }),
  });
  cohort("--seed <n>", "the same seed and sizes make the same cohort", {
    parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
    initial: 1,
  });
  const output = group(command, "Output:");
  output("--json", "print one JSON document, with the time of every repeat, in place of Markdown");
}

/** Switches that were not given are off. */
export const BENCH_SWITCHES_OFF = { quick: false, json: false } as const;
