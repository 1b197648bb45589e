import { throwIfAborted, UsageError } from "../../errors.ts";
import type {
  Backend,
  BackendName,
  Candidates,
  ColumnMax,
  Columns,
  Epilogue,
  Factor,
  LoadedColumns,
  ProductResult,
} from "../backend.ts";
import { checkWhole, type Gram, type WholeRows } from "../gram.ts";
import { checkColumns, disposedError, type Shape, shapeOf } from "../product.ts";
import type { Digits } from "./columns.ts";
import { FallingGram } from "./fallingGram.ts";
import type { HeldColumns } from "./heldColumns.ts";
import { chooseDigits, type OwnFactor, type ScreenJob, screenCohorts } from "./job.ts";

/** What every backend that screens on a GPU is made with. */
export interface ScreenOptions {
  /**
   * Does what a GPU cannot, for it has no f64: `dense`, and everything once the device is gone for good. It is
   * disposed of with this backend.
   */
  readonly fallback: Backend;
  /** What the user should know: a software adapter, a device lost, work gone elsewhere. One line each. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Digits of the quantised columns; default `auto`, by what screen and refinement cost together. */
  readonly digits?: Digits | "auto" | undefined;
}

/** Screens on a device, refines on the CPU, and leaves to `fallback` what the device cannot do. */
export abstract class ScreenBackend<C extends HeldColumns> implements Backend {
  abstract readonly name: BackendName;
  readonly description: string;
  /** One product's tiles on the GPU while the other's are prepared, or refined, on the CPU. */
  readonly parallelism: number;
  readonly takesRemainders = false;
  private readonly options: ScreenOptions;
  private readonly boundScale: number | undefined;
  private fallen = false;
  private disposed = false;

  constructor(description: string, options: ScreenOptions, boundScale: number | undefined) {
    this.description = description;
    this.options = options;
    this.boundScale = boundScale;
    this.parallelism = Math.max(2, options.fallback.parallelism);
  }

  protected abstract hold(columns: Columns): C;
  protected abstract isOwn(columns: LoadedColumns): columns is C;
  /** The pairs that may reach `threshold`; without one, each column's maximum. */
  protected abstract screen(
    job: ScreenJob<C>,
    threshold: Float64Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Candidates | ColumnMax>;
  /** What to tell the user, where an error means that the device is gone for good. */
  protected abstract lossOf(error: unknown): string | undefined;
  protected abstract release(): Promise<void>;

  async load(columns: Columns): Promise<C> {
    if (this.disposed) throw disposedError();
    checkColumns(columns);
    const loaded = this.hold(columns);
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
    const own = factors.map((factor) => this.own(factor));
    // A GPU has no f64: products that are results themselves are formed on the CPU.
    if (epilogue.kind === "dense" || this.fallen) return this.elsewhere(own, epilogue, signal);
    const threshold = epilogue.kind === "candidates" ? epilogue.threshold : undefined;
    try {
      const job = await this.jobOf(own, shape, epilogue, threshold);
      return (await this.screen(job, threshold, signal)) as ProductResult<E>;
    } catch (error) {
      const loss = this.lossOf(error);
      if (loss === undefined) throw error;
      this.fall(loss);
      return this.elsewhere(own, epilogue, signal);
    }
  }

  /** Products of whole-number rows on the device; undefined where it has nothing of its own for them. */
  protected deviceGram(_rows: WholeRows): Gram | undefined {
    return undefined;
  }

  async gram(rows: WholeRows, signal?: AbortSignal): Promise<Gram> {
    if (this.disposed) throw disposedError();
    checkWhole(rows);
    const own = this.fallen ? undefined : this.deviceGram(rows);
    const { fallback } = this.options;
    if (own === undefined) return fallback.gram(rows, signal);
    return new FallingGram(
      own,
      () => fallback.gram(rows),
      (error) => {
        const loss = this.lossOf(error);
        if (loss !== undefined) this.fall(loss);
        return loss !== undefined;
      },
    );
  }

  private own(factor: Factor): OwnFactor<C> {
    const { columns } = factor;
    if (!this.isOwn(columns)) throw new UsageError("product: columns of another backend");
    return { ...factor, columns };
  }

  private async jobOf(
    factors: readonly OwnFactor<C>[],
    { rows, columns, pairs }: Shape,
    { windows }: Epilogue,
    threshold: Float64Array | undefined,
  ): Promise<ScreenJob<C>> {
    const digits = await chooseDigits(factors, threshold, this.options.digits ?? "auto");
    const cohorts = await screenCohorts(factors, digits);
    return { cohorts, digits, rows, columns, windows, pairs, boundScale: this.boundScale };
  }

  private async elsewhere<E extends Epilogue>(
    factors: readonly OwnFactor<C>[],
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

  private fall(loss: string): void {
    if (this.fallen) return;
    this.fallen = true;
    const { fallback, onWarning } = this.options;
    onWarning?.(`GPU: ${loss}; going on with ${fallback.description}`);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.release();
    await this.options.fallback.dispose();
  }
}
