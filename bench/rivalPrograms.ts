/** Matrix products of other libraries, each a process of its own that speaks the protocol of bench/rivals/serve.mjs. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const FOLDER = join("bench", "rivals");
/** Debian's Python, whose numpy uses OpenBLAS; another on the path may have another BLAS. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

export interface RivalProgram {
  readonly name: string;
  readonly command: readonly [string, string];
  /** Whether it can use more than one thread. */
  readonly threads: boolean;
  /** Does only a part of the rows: it takes many seconds for all. */
  readonly slow: boolean;
  /** Whether it is there. */
  installed(): boolean;
  readonly install: string;
}

const NPM = `npm install --prefix ${FOLDER}`;

function script(
  name: string,
  file: string,
  packages: string,
  more: { threads?: boolean; slow?: boolean } = {},
): RivalProgram {
  return {
    name,
    command: [process.execPath, join(FOLDER, file)],
    threads: more.threads === true,
    slow: more.slow === true,
    installed: () => existsSync(join(FOLDER, "node_modules", ...packages.split("/"))),
    install: NPM,
  };
}

export const SGEMM: RivalProgram = {
  name: "OpenBLAS sgemm",
  command: [PYTHON, join(FOLDER, "openblas.py")],
  threads: true,
  slow: false,
  installed: () => spawnSync(PYTHON, ["-c", "import numpy"], { stdio: "ignore" }).status === 0,
  install: "apt-get install python3-numpy python3-threadpoolctl libopenblas0-pthread",
};

export const RIVAL_PROGRAMS: readonly RivalProgram[] = [
  SGEMM,
  script("onnxruntime-node", "onnxruntime.mjs", "onnxruntime-node", { threads: true }),
  script("tfjs-backend-wasm", "tfjs.mjs", "@tensorflow/tfjs-backend-wasm"),
  script("jax-js", "jaxjs.mjs", "@jax-js/jax"),
  script("gpu.js, cpu", "gpujs.mjs", "gpu.js", { slow: true }),
];

export interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly threads: number;
}

/** A rival at work. */
export class RivalProcess {
  /** What it says of itself: version, kernel, threads. */
  readonly detail: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #expected: number;

  private constructor(
    detail: string,
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    expected: number,
  ) {
    this.detail = detail;
    this.#child = child;
    this.#lines = lines;
    this.#expected = expected;
  }

  /** Starts it. Throws where it does not start, or its product is wrong. */
  static async start({ name, command }: RivalProgram, shape: ProductShape): Promise<RivalProcess> {
    const { rows, columns, samples, threads } = shape;
    const env = environment(threads);
    const child = spawn(command[0], [command[1], ...[rows, columns, samples, threads].map(String)], { env });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-1000);
    });
    child.on("error", (error) => {
      complaint = error.message;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`${name} did not start: ${complaint.trim().split("\n").at(-1)}`);
    const { detail, last } = JSON.parse(first.value) as { detail: string; last: number };
    const started = new RivalProcess(detail, child, lines, lastNumber(shape));
    started.#check(name, last);
    return started;
  }

  /** Seconds a pass, by the clock and of the processor, of so many passes. */
  async time(passes: number): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
    this.#child.stdin.write(`${passes}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.detail} ended by itself`);
    const { seconds, cpuSeconds, last } = JSON.parse(line.value) as {
      seconds: number;
      cpuSeconds: number;
      last: number;
    };
    this.#check(this.detail, last);
    return { seconds, cpuSeconds };
  }

  stop(): void {
    this.#child.stdin.end();
  }

  #check(name: string, last: number): void {
    if (last !== this.#expected)
      throw new Error(
        `${name}: the last number is ${last}, not ${this.#expected}: a wrong product is not timed`,
      );
  }
}

/** The last number of the product that serve.mjs describes. */
function lastNumber({ rows, columns, samples }: ProductShape): number {
  let sum = 0;
  for (let s = 0; s < samples; s++) {
    sum += ((31 * (rows - 1) + 17 * s) % 3) * (((13 * (columns - 1) + 7 * s) % 11) - 5);
  }
  return sum;
}

/** As many threads for everybody. OpenBLAS chooses its own kernel, whatever this shell would have it use. */
function environment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  const count = String(threads);
  return { ...rest, OPENBLAS_NUM_THREADS: count, OMP_NUM_THREADS: count };
}
