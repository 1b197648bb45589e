// Compiles the CPU kernels and bundles the worker that runs them into src/compute/wasm/generated.ts, and that of fine-mapping into
// src/targets/generated.ts, so that neither Node nor any bundler needs to find a file at run time; and the shaders and gpu.js, see build-shaders.mjs
// and build-webgl.mjs.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as asc from "assemblyscript/asc";
import { build } from "esbuild";
import { buildShaders } from "./build-shaders.mjs";
import { buildWebGl } from "./build-webgl.mjs";

const folder = new URL("../src/compute/wasm/", import.meta.url);
const root = fileURLToPath(new URL("../", import.meta.url));

async function compileKernels() {
  const outputs = new Map();
  const { error, stderr } = await asc.main(
    [
      "src/compute/wasm/assembly/index.ts",
      "--baseDir",
      root,
      "--outFile",
      "kernels.wasm",
      ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--initialMemory", "1"],
    ],
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  );
  const binary = outputs.get("kernels.wasm");
  if (error || binary === undefined) throw new Error(`the kernels do not compile:\n${stderr.toString()}`);
  return Buffer.from(binary).toString("base64");
}

async function bundleWorker(path) {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    outfile: join(tmpdir(), "worker.js"),
    write: false,
    bundle: true,
    format: "iife",
    platform: "neutral",
    target: "es2022",
    minify: true,
    charset: "ascii",
  });
  return outputFiles[0].text.trim();
}

buildShaders();
await buildWebGl();
const [kernels, worker] = [await compileKernels(), await bundleWorker("src/compute/wasm/worker.ts")];
writeFileSync(
  new URL("generated.ts", folder),
  `/** Made by scripts/build-kernels.mjs. */

/** The kernels of assembly/, as WebAssembly in base64. */
export const KERNELS = ${JSON.stringify(kernels)};

/** worker.ts and all it needs, as a plain script. */
export const WORKER = ${JSON.stringify(worker)};
`,
);
writeFileSync(
  new URL("../src/targets/generated.ts", import.meta.url),
  `/** Made by scripts/build-kernels.mjs. */

/** fitWorker.ts and all it needs, as a plain script. */
export const FIT_WORKER = ${JSON.stringify(await bundleWorker("src/targets/fitWorker.ts"))};
`,
);
