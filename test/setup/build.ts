import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);
const GENERATED = new URL("src/compute/wasm/generated.ts", ROOT);

/** The WASM kernels and their worker are generated: made again when a source they are made of is newer. */
export default function build(): void {
  if (existsSync(GENERATED) && newestSource() <= statSync(GENERATED).mtimeMs) return;
  execFileSync("node", ["scripts/build-kernels.mjs"], { cwd: ROOT, stdio: "inherit" });
}

function newestSource(): number {
  const folder = new URL("src/compute/", ROOT);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith("generated.ts"))
    .map((path) => new URL(path.replaceAll("\\", "/"), folder));
  const others = ["src/errors.ts", "scripts/build-kernels.mjs"].map((path) => new URL(path, ROOT));
  return Math.max(...[...sources, ...others].map((path) => statSync(path).mtimeMs));
}
