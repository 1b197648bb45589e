import { UsageError } from "../../errors.ts";
import type { Backend, Candidates, Epilogue, Factor, ProductResult } from "../backend.ts";
import { checkPermuted, shapeOf } from "../product.ts";
import type { Digits } from "../screen/columns.ts";
import { nullMaximum } from "../screen/nullMaximum.ts";
import type { Spawn } from "../threads.ts";
import { type ColumnOptions, WasmColumns } from "./columns.ts";
import { WORKER } from "./generated.ts";
import type { EngineSettings, JobFactor, ScreenKernel } from "./job.ts";
import { kernelBytes } from "./kernelBytes.ts";
import { instantiate } from "./kernels.ts";
import { joined, PIECE_BYTES, piecesOf } from "./pieces.ts";
import { Pool } from "./pool.ts";
import { LocalRunner, type Runner } from "./runner.ts";
import { groupsOf, WasmGram } from "./wholeRows.ts";

export interface WasmOptions {
  /** Worker threads; 0 (the default) does everything on the caller's thread. */
  readonly threads?: number;
  /** Starts a thread: `spawnThread` of src/node/threads.ts in Node. Needed when `threads` is not 0. */
  readonly spawn?: Spawn;
  /**
   * Digits of the quantised columns. Default `auto`: 2, since a second digit costs nothing in the int16
   * integers of this backend. Candidates depend on it, results do not.
   */
  readonly digits?: Digits | "auto";
}

/**
 * The CPU backend: WebAssembly SIMD kernels, on `threads` worker threads. Throws BackendError where the
 * engine has no WebAssembly SIMD or no threads. `settings` are for tests and benchmarks.
 */
export async function createWasmBackend(
  { threads = 0, spawn, digits = "auto" }: WasmOptions = {},
  settings: EngineSettings = {},
): Promise<Backend> {
  const bytes = kernelBytes();
  // Also tells at once, and on this thread, whether the kernels run at all.
  const kernels = await instantiate(bytes);
  if (threads > 0 && spawn === undefined)
    throw new UsageError(`${threads} threads, but nothing to start them`);
  const pool =
    threads > 0 && spawn !== undefined ? new Pool(threads, spawn, WORKER, bytes, settings) : undefined;
  const runner = pool ?? new LocalRunner(kernels, settings);
  const options = { digits: digits === "auto" ? 2 : digits, shared: threads > 0, settings } as const;
  return backendOf(runner, pool?.size ?? 0, options);
}

function backendOf(runner: Runner, threads: number, options: ColumnOptions): Backend {
  let loads = 0;
  const forget = (columns: WasmColumns) => runner.forget(columns);
  return {
    name: "wasm",
    description: `WebAssembly SIMD, ${threads < 2 ? "1 thread" : `${threads} threads`}`,
    parallelism: Math.max(1, threads),
    takesRemainders: true,
    async load(columns) {
      loads += 1;
      const id = loads;
      return new WasmColumns(id, columns, options, forget);
    },
    async loadPermuted(columns) {
      checkPermuted(columns);
      loads += 1;
      return new WasmColumns(loads, columns, options, forget);
    },
    async product<E extends Epilogue>(factors: readonly Factor[], epilogue: E, signal?: AbortSignal) {
      const { rows, columns, pairs } = shapeOf(factors, epilogue);
      const owned = factors.map(own);
      const kernel = options.settings.kernel ?? screenKernel(owned, epilogue);
      const job = { factors: owned, epilogue, columns, pairs, kernel };
      if (epilogue.kind !== "dense") {
        const threshold =
          epilogue.kind === "candidates"
            ? epilogue.threshold
            : new Float64Array(columns).fill(nullMaximum(rows, owned[0]!.rows.samples));
        for (const { rows, columns } of job.factors) {
          const dosages = rows.kind === "calls" && rows.remainder !== undefined;
          await columns.prepare(kernel, threshold, dosages);
        }
      }
      const pieces = threads > 0 ? piecesOf(job, options.settings.pieceBytes ?? PIECE_BYTES) : [];
      if (pieces.length < 2) return (await runner.run(job, signal)) as ProductResult<E>;
      const found = await Promise.all(pieces.map((piece) => runner.run(piece.job, signal)));
      return joined(found as Candidates[], pieces) as ProductResult<E>;
    },
    async gram(rows, signal) {
      loads += 1;
      const id = loads;
      return new WasmGram(id, runner, await groupsOf(rows, options.shared, signal));
    },
    giveBack: (values) => runner.giveBack(values),
    dispose: () => runner.dispose(),
  };
}

/** From this share of samples with a dosage of their own on, products of int16 cost less than carriers (bench/lab). */
const DENSE_DOSAGES = 0.4;

/** The cheaper kernel that can do it. Throws {@link UsageError} where none can. */
function screenKernel(factors: readonly JobFactor<WasmColumns>[], epilogue: Epilogue): ScreenKernel {
  const [first] = factors;
  const carriers = epilogue.kind !== "dense" && factors.length === 1 && first?.rows.kind === "calls";
  if (factors.some(({ columns }) => columns.permuted)) {
    if (carriers && epilogue.kind === "columnMax") return "carriers";
    throw new UsageError("product: permuted columns are for the maxima of one cohort's calls");
  }
  if (!carriers) return "dot";
  const { count, samples, remainder } = first.rows;
  const dosages = remainder === undefined ? 0 : remainder.offset[count]! - remainder.offset[0]!;
  return dosages > DENSE_DOSAGES * count * samples ? "dot" : "carriers";
}

function own(factor: Factor) {
  const { columns } = factor;
  if (!(columns instanceof WasmColumns)) throw new UsageError("product: columns of another backend");
  return { ...factor, columns };
}
