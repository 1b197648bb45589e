// Writes shaders/ as strings to src/compute/webgpu/generated.ts, so that neither Node nor any bundler needs to find a file
// at run time. Their #include lines are expanded there (source.ts), since what they include depends on the device.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const shaders = new URL("../shaders/", import.meta.url);
const target = new URL("../src/compute/webgpu/generated.ts", import.meta.url);

/** The files of a folder of shaders, by name without its ending. */
function texts(folder) {
  const names = readdirSync(new URL(folder, shaders)).filter((name) => name.endsWith(".wgsl"));
  const read = (name) => readFileSync(new URL(folder + name, shaders), "utf8").trimEnd();
  return Object.fromEntries(names.sort().map((name) => [name.replace(".wgsl", ""), read(name)]));
}

export function buildShaders() {
  const text = `/** Made by scripts/build-shaders.mjs. */

/** The kernels: shaders/*.wgsl. */
export const KERNELS = ${JSON.stringify(texts("./"), null, 2)} as const;

/** What they include: shaders/lib/*.wgsl. */
export const CHUNKS: Readonly<Record<string, string>> = ${JSON.stringify(texts("lib/"), null, 2)};
`;
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
}

if (import.meta.url === new URL(process.argv[1], "file:").href) buildShaders();
