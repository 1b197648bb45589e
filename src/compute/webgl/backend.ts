import type { Backend, Candidates, ColumnMax, Columns, LoadedColumns } from "../backend.ts";
import { HeldColumns } from "../screen/heldColumns.ts";
import type { ScreenJob } from "../screen/job.ts";
import { ScreenBackend, type ScreenOptions } from "../screen/screenBackend.ts";
import { ContextLost, type Dots, sharedDots } from "./dots.ts";
import { candidates, columnMax } from "./epilogues.ts";
import type { Pace } from "./tiles.ts";

export type WebGlOptions = ScreenOptions;

/** Changes nothing in a result, but for `boundScale` (see `rowFactors`), which tests spoil. */
export interface WebGlSettings {
  readonly boundScale?: number;
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

class WebGl extends ScreenBackend<HeldColumns> {
  readonly name = "webgl";
  private readonly dots: Dots;
  private readonly pace: Pace;

  constructor(dots: Dots, options: WebGlOptions, settings: WebGlSettings) {
    super(`${dots.name}, WebGL`, options, settings.boundScale);
    this.dots = dots;
    this.pace = { work: settings.work ?? FIRST_WORK };
  }

  protected hold(columns: Columns): HeldColumns {
    return new HeldColumns(columns);
  }

  protected isOwn(columns: LoadedColumns): columns is HeldColumns {
    return columns instanceof HeldColumns;
  }

  protected screen(
    job: ScreenJob,
    threshold: Float64Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Candidates | ColumnMax> {
    const run = { job, dots: this.dots, pace: this.pace };
    return threshold === undefined ? columnMax(run, signal) : candidates(run, threshold, signal);
  }

  protected lossOf(error: unknown): string | undefined {
    return error instanceof ContextLost ? error.message : undefined;
  }

  /** The page's one context stays: see `sharedDots`. */
  protected async release(): Promise<void> {}
}
