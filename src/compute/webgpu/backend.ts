import type { Backend, Candidates, ColumnMax, Columns, LoadedColumns } from "../backend.ts";
import type { Gram, WholeRows } from "../gram.ts";
import { ScreenBackend, type ScreenOptions } from "../screen/screenBackend.ts";
import { type Activity, noActivity } from "./activity.ts";
import { adapterName, requireAdapter } from "./adapter.ts";
import { WebGpuColumns } from "./columns.ts";
import { candidates, columnMax } from "./epilogues.ts";
import { WebGpuGram } from "./gram.ts";
import { DeviceKeeper, NoDevice } from "./keeper.ts";
import { Pace } from "./pace.ts";
import type { GpuJob } from "./rowTile.ts";
import type { WebGpuSettings } from "./screen.ts";
import { chooseBlock, type DeviceVariant } from "./variants.ts";

/** `packedDot` and `subgroups`: whether shaders use them; default: where the GPU has them. */
export interface WebGpuOptions extends ScreenOptions, Partial<DeviceVariant> {
  /** `navigator.gpu` of a page; Dawn's in Node. */
  readonly gpu: GPU;
  /** Part of the adapter's name: another adapter is refused. */
  readonly device?: string | undefined;
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
  const pace = new Pace(settings.work);
  const keeper = new DeviceKeeper({ gpu, device, variant: options, pace, activity, onWarning });
  // Tells at once whether there is a device.
  await keeper.attempt(undefined, async () => {});
  return new Screens(`${adapter.name}, WebGPU`, options, { keeper, pace, activity, settings });
}

interface Parts {
  readonly keeper: DeviceKeeper;
  readonly pace: Pace;
  readonly activity: Activity;
  readonly settings: WebGpuSettings;
}

class Screens extends ScreenBackend<WebGpuColumns> implements WebGpuBackend {
  readonly name = "webgpu";
  private readonly parts: Parts;

  constructor(description: string, options: WebGpuOptions, parts: Parts) {
    super(description, options, parts.settings.boundScale);
    this.parts = parts;
  }

  get activity(): Readonly<Activity> {
    return this.parts.activity;
  }

  protected hold(columns: Columns): WebGpuColumns {
    return new WebGpuColumns(columns);
  }

  protected isOwn(columns: LoadedColumns): columns is WebGpuColumns {
    return columns instanceof WebGpuColumns;
  }

  protected screen(
    job: GpuJob,
    threshold: Float64Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Candidates | ColumnMax> {
    const block = this.parts.settings.block ?? chooseBlock(job);
    const run = { ...this.parts, job, block, raise: threshold === undefined };
    return threshold === undefined ? columnMax(run, signal) : candidates(run, threshold, signal);
  }

  protected override deviceGram(rows: WholeRows): Gram {
    const { keeper, pace, settings } = this.parts;
    return new WebGpuGram(rows, { keeper, pace, binding: settings.binding });
  }

  protected lossOf(error: unknown): string | undefined {
    return error instanceof NoDevice ? `${error.message}; no device works any more` : undefined;
  }

  protected release(): Promise<void> {
    return this.parts.keeper.dispose();
  }
}
