import { BackendError } from "../../errors.ts";

/**
 * Samples that one run adds up: 1,032 products of |k| <= 127 with |q| <= 128 stay within 2^24, up to which every
 * integer is an f32 and so is every partial sum, in whatever order the driver adds.
 */
export const SAMPLES_A_RUN = Math.floor(2 ** 24 / (127 * 128));

// A text, since bundlers rewrite functions, and gpu.js reads this one.
const DOTS = `function (rows, columns, samples) {
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    sum += rows[this.thread.y * samples + i] * columns[this.thread.x * samples + i];
  }
  return sum;
}`;

/** What is used of gpu.js: docs at github.com/gpujs/gpu.js. */
interface GpuJs {
  new (settings: {
    readonly mode: "webgl2";
  }): {
    createKernel(source: string, settings: object): Kernel;
  };
  readonly isWebGL2Supported: boolean;
  readonly isSinglePrecisionSupported: boolean;
}

interface Kernel {
  (rows: Float32Array, columns: Float32Array, samples: number): Promise<Float32Array[]>;
  setOutput(output: readonly [number, number]): unknown;
  readonly context: {
    isContextLost(): boolean;
    getParameter(name: number): unknown;
    getExtension(name: string): unknown;
  };
}

/** The context is gone, and with it whatever it was working on. */
export class ContextLost extends Error {}

/** Dot products `lines[row][column]`, and what they took once it was their turn. */
export interface DotsRun {
  readonly lines: readonly Float32Array[];
  readonly milliseconds: number;
}

/** Exact dot products of integers on WebGL. */
export interface Dots {
  /** The driver's name, where the browser tells it. */
  readonly name: string;
  /**
   * The products of `rows[row * samples + i]` and `columns[column * samples + i]`; |values| <= 128,
   * `samples` at most {@link SAMPLES_A_RUN}. One after the other, whoever asks. Throws {@link ContextLost}.
   */
  run(rows: Float32Array, columns: Float32Array, samples: number): Promise<DotsRun>;
  readonly lost: boolean;
}

let shared: Promise<Dots> | undefined;

/**
 * One context for the whole page: browsers give out about 16, and gpu.js lets none go. Throws BackendError where there is no
 * WebGL 2 with f32 textures, or where it does not add integers exactly.
 */
export async function sharedDots(): Promise<Dots> {
  const held = await shared?.catch(() => undefined);
  if (held === undefined || held.lost) shared = openDots();
  return shared!;
}

async function openDots(): Promise<Dots> {
  const { GPU } = (await import("./generated.ts")) as { GPU: unknown };
  const Library = GPU as GpuJs;
  if (!Library.isWebGL2Supported || !Library.isSinglePrecisionSupported) {
    throw new BackendError("webgl: this browser has no WebGL 2 with f32 textures; ask for wasm");
  }
  const dots = new KernelDots(makeKernel(Library));
  await check(dots);
  return dots;
}

function makeKernel(Library: GpuJs): Kernel {
  try {
    return new Library({ mode: "webgl2" }).createKernel(DOTS, {
      output: [1, 1],
      dynamicOutput: true,
      dynamicArguments: true,
      argumentTypes: { rows: "Array", columns: "Array", samples: "Integer" },
      precision: "single",
      tactic: "precision",
      // Reads back behind a fence, and leaves the thread alone meanwhile.
      asyncMode: true,
      // As many as any run has: GLSL wants a constant bound.
      loopMaxIterations: SAMPLES_A_RUN,
    });
  } catch (error) {
    throw failed(error);
  }
}

function failed(cause: unknown): BackendError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BackendError(`webgl: ${message.split("\n")[0]}; ask for wasm`, { cause });
}

class KernelDots implements Dots {
  private readonly kernel: Kernel;
  /** Settles when the last run asked for is done: a kernel holds the size of one output. */
  private busy: Promise<unknown> = Promise.resolve();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get name(): string {
    const { context } = this.kernel;
    const info = context.getExtension("WEBGL_debug_renderer_info") as {
      UNMASKED_RENDERER_WEBGL: number;
    } | null;
    const name = info && context.getParameter(info.UNMASKED_RENDERER_WEBGL);
    return typeof name === "string" && name !== "" ? name : "a GPU";
  }

  get lost(): boolean {
    return this.kernel.context.isContextLost();
  }

  run(rows: Float32Array, columns: Float32Array, samples: number): Promise<DotsRun> {
    const result = this.busy.then(() => this.runAlone(rows, columns, samples));
    this.busy = result.catch(() => {});
    return result;
  }

  private async runAlone(rows: Float32Array, columns: Float32Array, samples: number): Promise<DotsRun> {
    const started = performance.now();
    let result: Float32Array[] | undefined;
    let failure: unknown;
    try {
      this.kernel.setOutput([columns.length / samples, rows.length / samples]);
      result = await this.kernel(rows, columns, samples);
    } catch (error) {
      failure = error;
    }
    // A context that was lost on the way reads back as zeros, or makes gpu.js throw anything.
    if (this.lost) throw new ContextLost("the WebGL context was lost");
    if (result === undefined) throw failed(failure);
    return { lines: result, milliseconds: performance.now() - started };
  }
}

/** The largest sums there are, of either sign, and small odd ones: a driver that rounds is found out. */
async function check(dots: Dots): Promise<void> {
  const [count, width, samples] = [3, 5, SAMPLES_A_RUN];
  const value = (limit: number, line: number, i: number) =>
    line === 0 ? limit : line === 1 ? -limit : ((i * (7 + 6 * line)) % (2 * limit + 1)) - limit;
  const fill = (lines: number, limit: number) =>
    Float32Array.from({ length: lines * samples }, (_, at) =>
      value(limit, Math.floor(at / samples), at % samples),
    );
  const [rows, columns] = [fill(count, 127), fill(width, 128)];
  const { lines: found } = await dots.run(rows, columns, samples);
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let sum = 0;
      for (let i = 0; i < samples; i += 1) sum += rows[row * samples + i]! * columns[column * samples + i]!;
      if (found[row]?.[column] === sum) continue;
      throw new BackendError(
        `webgl: ${dots.name} adds up ${found[row]?.[column]} where ${sum} is right; it cannot be used, ask for wasm`,
      );
    }
  }
}
