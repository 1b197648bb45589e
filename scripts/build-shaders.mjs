// Expands the #include lines of shaders/*.wgsl and writes them as strings to src/compute/webgpu/generated.ts, so that
// neither Node nor any bundler needs to find a file at run time.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const shaders = new URL("../shaders/", import.meta.url);
const target = new URL("../src/compute/webgpu/generated.ts", import.meta.url);

/** A shader's text; each chunk comes once, where it is first included. */
function expand(name, included = new Set()) {
  const lines = readFileSync(new URL(name, shaders), "utf8").trimEnd().split("\n");
  return lines
    .flatMap((line) => {
      const chunk = /^#include "(.+)"$/.exec(line)?.[1];
      if (chunk === undefined) return [line];
      if (included.has(chunk)) return [];
      included.add(chunk);
      return [expand(chunk, included)];
    })
    .join("\n");
}

export function buildShaders() {
  const names = readdirSync(shaders).filter((name) => name.endsWith(".wgsl"));
  const kernels = Object.fromEntries(names.sort().map((name) => [name.replace(".wgsl", ""), expand(name)]));
  const chunks = { packed: expand("lib/dot4.wgsl"), plain: expand("lib/dot4_plain.wgsl") };
  const text = `/** Made by scripts/build-shaders.mjs. */

/** The kernels of shaders/, their chunks included. */
export const SHADERS = ${JSON.stringify(kernels, null, 2)} as const;

/** The chunk that multiplies bytes, and what stands in for it where the GPU has no instruction for it. */
export const DOT4 = ${JSON.stringify(chunks, null, 2)} as const;
`;
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
}

if (import.meta.url === new URL(process.argv[1], "file:").href) buildShaders();
