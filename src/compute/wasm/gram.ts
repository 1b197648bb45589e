import { UsageError } from "../../errors.ts";
import { resultArray } from "../product.ts";
import type { GramJob, GramResult, HeldColumns } from "./job.ts";
import type { Kernels } from "./kernels.ts";

/** Rows that meet a run at once: with their products they stay in a core's second cache. */
const BLOCK = 64;

/** The products of rows `from` to `to` with all rows before `to`; yields between blocks. */
export function* gram(
  kernels: Kernels,
  { rows, from, to }: GramJob<HeldColumns>,
): Generator<void, GramResult> {
  const { whole } = rows;
  if (whole === undefined) throw new UsageError("gram: its rows are not loaded");
  const { stride, stretch, numbers } = whole;
  const width = to - from;
  const values = resultArray(width * to);
  // Whole groups of four; what is too much is left out at the end.
  const first = from - (from % 4);
  const padded = Math.ceil((to - first) / 4) * 4;
  const perGroup = stride / 2;
  const memory = kernels.lay({
    own: ["i16", (padded / 4) * perGroup],
    others: ["i16", (BLOCK / 4) * perGroup],
    products: ["f64", BLOCK * padded],
  });
  memory.own.view.set(numbers.subarray((first / 4) * perGroup, ((first + padded) / 4) * perGroup));
  for (let j = 0; j < to; j += BLOCK) {
    const end = Math.min(to, j + BLOCK);
    const height = Math.ceil((end - j) / 4) * 4;
    memory.others.view.set(numbers.subarray((j / 4) * perGroup, ((j + height) / 4) * perGroup));
    memory.products.view.fill(0);
    kernels.run.gramTile(
      memory.own.at,
      padded,
      memory.others.at,
      height,
      stride,
      stretch,
      memory.products.at,
      8 * padded,
    );
    for (let row = j; row < end; row++) {
      const at = (row - j) * padded + from - first;
      values.set(memory.products.view.subarray(at, at + width), row * width);
    }
    yield;
  }
  return { kind: "gram", values };
}
