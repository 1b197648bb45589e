import { throwIfAborted, UsageError } from "../../errors.ts";
import type { Backend, Epilogue, Factor, ProductResult } from "../backend.ts";
import { checkColumns, disposedError, shapeOf } from "../product.ts";
import type { Digits } from "../screen/columns.ts";
import { type Activity, noActivity } from "./activity.ts";
import { adapterName, requireAdapter } from "./adapter.ts";
import { WebGpuColumns } from "./columns.ts";
import { candidates, columnMax } from "./epilogues.ts";
import { chooseDigits, type OwnFactor, screenCohorts, type WebGpuSettings } from "./job.ts";
import { DeviceKeeper, NoDevice } from "./keeper.ts";

export interface WebGpuOptions {
  /** `navigator.gpu` of a page; Dawn's in Node. */
  readonly gpu: GPU;
  /**
   * Does what a GPU cannot, for it has no f64: `dense`, and everything once devices keep failing. It is
   * disposed of with this backend.
   */
  readonly fallback: Backend;
  /** Part of the adapter's name: another adapter is refused. */
  readonly device?: string | undefined;
  /** What the user should know: a software adapter, a device lost, work gone elsewhere. One line each. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Digits of the quantised columns; default `auto`, by what screen and refinement cost together. */
  readonly digits?: Digits | "auto" | undefined;
  /** Whether shaders use the instruction for products of bytes; default: where there is one. */
  readonly packedDot?: boolean | undefined;
}

export interface WebGpuBackend extends Backend {
  readonly name: "webgpu";
  readonly activity: Readonly<Activity>;
}

/**
 * The GPU backend: screens on the GPU, refines on the CPU. Throws BackendError where there is no adapter, or no
 * device. `settings` are for tests.
 */
export async function createWebGpuBackend(
  options: WebGpuOptions,
  settings: WebGpuSettings = {},
): Promise<WebGpuBackend> {
  const { gpu, device, onWarning = () => {} } = options;
  const adapter = adapterName((await requireAdapter(gpu, device)).info);
  if (adapter.software) {
    onWarning(`${adapter.name} is made of CPU instructions: slower than --backend wasm, for tests only`);
  }
  const activity = noActivity();
  const packedDot = options.packedDot ?? gpu.wgslLanguageFeatures.has("packed_4x8_integer_dot_product");
  const keeper = new DeviceKeeper({ gpu, device, packedDot, activity, onWarning });
  // Tells at once whether there is a device.
  await keeper.attempt(undefined, async () => {});
  return new Screens(`${adapter.name}, WebGPU`, keeper, activity, options, settings);
}

class Screens implements WebGpuBackend {
  readonly name = "webgpu";
  readonly description: string;
  /** One product's tiles on the GPU while the other's are prepared, or refined, on the CPU. */
  readonly parallelism: number;
  readonly takesRemainders = false;
  readonly activity: Activity;
  private readonly keeper: DeviceKeeper;
  private readonly options: WebGpuOptions;
  private readonly settings: WebGpuSettings;
  private fallen = false;
  private disposed = false;

  constructor(
    description: string,
    keeper: DeviceKeeper,
    activity: Activity,
    options: WebGpuOptions,
    settings: WebGpuSettings,
  ) {
    this.description = description;
    this.keeper = keeper;
    this.activity = activity;
    this.options = options;
    this.settings = settings;
    this.parallelism = Math.max(2, options.fallback.parallelism);
  }

  async load(columns: Parameters<Backend["load"]>[0]): Promise<WebGpuColumns> {
    if (this.disposed) throw disposedError();
    checkColumns(columns);
    const loaded = new WebGpuColumns(columns);
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
    // A GPU has no f64: products that are results themselves are formed on the CPU.
    if (epilogue.kind === "dense" || this.fallen) return this.elsewhere(own, epilogue, signal);
    try {
      const result = await this.screen(own, epilogue, shape, signal);
      return result as ProductResult<E>;
    } catch (error) {
      if (!(error instanceof NoDevice)) throw error;
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
    const { settings, keeper, activity } = this;
    const job = { cohorts, digits, rows, columns, windows: epilogue.windows, pairs, settings };
    const run = { job, keeper, activity };
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
    onWarning?.(`GPU: ${why}; no device works any more, going on with ${fallback.description}`);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.keeper.dispose();
    await this.options.fallback.dispose();
  }
}

function ownFactor(factor: Factor): OwnFactor {
  const { columns } = factor;
  if (!(columns instanceof WebGpuColumns)) throw new UsageError("product: columns of another backend");
  return { ...factor, columns };
}
