import { throwIfAborted, UsageError } from "../../errors.ts";
import type { Backend, Columns, Epilogue, Factor, LoadedColumns, ProductResult } from "../backend.ts";
import { checkColumns, disposedError, shapeOf } from "../product.ts";
import type { Digits } from "../screen/columns.ts";
import { WebGpuColumns as GpuColumns } from "../webgpu/columns.ts";
import { chooseDigits, type OwnFactor, screenCohorts, type WebGpuSettings } from "../webgpu/job.ts";
import { ContextLost, type Dots, sharedDots } from "./dots.ts";
import { candidates, columnMax, type ScreenRun } from "./epilogues.ts";
import type { Pace } from "./tiles.ts";

export interface WebGlOptions {
  /** Does what WebGL cannot: f64, and everything once the context is lost. It is disposed of with this backend. */
  readonly fallback: Backend;
  /** What the user should know, one line each: a context lost, work gone elsewhere. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Digits of the quantised columns; default `auto`, by what screen and refinement cost together. */
  readonly digits?: Digits | "auto" | undefined;
}

/** Changes nothing in a result, but for `boundScale`, which tests spoil. */
export interface WebGlSettings extends Pick<WebGpuSettings, "boundScale"> {
  /** Multiply-adds of the first run. */
  readonly work?: number;
  /** In place of WebGL. */
  readonly dots?: Dots;
}

const FIRST_WORK = 2 ** 22;

/**
 * For browsers without WebGPU: integer products on WebGL by gpu.js, which come back whole and are screened and refined on
 * the CPU. Throws BackendError where there is no WebGL 2 that multiplies exactly.
 */
export async function createWebGlBackend(
  options: WebGlOptions,
  settings: WebGlSettings = {},
): Promise<Backend> {
  return new WebGl(settings.dots ?? (await sharedDots()), options, settings);
}

class WebGl implements Backend {
  readonly name = "webgl";
  readonly description: string;
  readonly parallelism: number;
  readonly takesRemainders = false;
  private readonly dots: Dots;
  private readonly options: WebGlOptions;
  private readonly settings: WebGlSettings;
  private readonly pace: Pace;
  private fallen = false;
  private disposed = false;

  constructor(dots: Dots, options: WebGlOptions, settings: WebGlSettings) {
    this.dots = dots;
    this.options = options;
    this.settings = settings;
    this.pace = { work: settings.work ?? FIRST_WORK };
    this.description = `${dots.name}, WebGL`;
    this.parallelism = Math.max(2, options.fallback.parallelism);
  }

  async load(columns: Columns): Promise<LoadedColumns> {
    if (this.disposed) throw disposedError();
    checkColumns(columns);
    const loaded = new GpuColumns(columns);
    // Also tells whether the columns are what they are said to be.
    if (columns.standardised) await loaded.quantised(1);
    return loaded;
  }

  async product<E extends Epilogue>(
    factors: readonly Factor[],
    epilogue: E,
    signal?: AbortSignal,
  ): Promise<ProductResult<E>> {
    if (this.disposed) throw disposedError();
    const shape = shapeOf(factors, epilogue);
    throwIfAborted(signal);
    const own = factors.map(ownFactor);
    // WebGL has no f64: products that are results themselves are formed on the CPU.
    if (epilogue.kind === "dense" || this.fallen) return this.elsewhere(own, epilogue, signal);
    try {
      return (await this.screen(own, epilogue, shape, signal)) as ProductResult<E>;
    } catch (error) {
      if (!(error instanceof ContextLost)) throw error;
      this.fall(error.message);
      return this.elsewhere(own, epilogue, signal);
    }
  }

  private async screen(
    factors: readonly OwnFactor[],
    epilogue: Exclude<Epilogue, { readonly kind: "dense" }>,
    { rows, columns, pairs }: ReturnType<typeof shapeOf>,
    signal: AbortSignal | undefined,
  ) {
    const threshold = epilogue.kind === "candidates" ? epilogue.threshold : undefined;
    const digits = await chooseDigits(factors, threshold, this.options.digits ?? "auto");
    const cohorts = await screenCohorts(factors, digits);
    const { settings, dots, pace } = this;
    const job = { cohorts, digits, rows, columns, windows: epilogue.windows, pairs, settings };
    const run: ScreenRun = { job, dots, pace };
    return threshold === undefined ? columnMax(run, signal) : candidates(run, threshold, signal);
  }

  private async elsewhere<E extends Epilogue>(
    factors: readonly OwnFactor[],
    epilogue: E,
    signal: AbortSignal | undefined,
  ): Promise<ProductResult<E>> {
    const { fallback } = this.options;
    const moved: Factor[] = [];
    for (const factor of factors) {
      moved.push({ ...factor, columns: await factor.columns.on(fallback, epilogue.kind !== "dense") });
    }
    return { ...(await fallback.product(moved, epilogue, signal)), by: fallback.name };
  }

  private fall(why: string): void {
    if (this.fallen) return;
    this.fallen = true;
    const { fallback, onWarning } = this.options;
    onWarning?.(`GPU: ${why}; going on with ${fallback.description}`);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.options.fallback.dispose();
  }
}

function ownFactor(factor: Factor): OwnFactor {
  const { columns } = factor;
  if (!(columns instanceof GpuColumns)) throw new UsageError("product: columns of another backend");
  return { ...factor, columns };
}
