import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);
const GENERATED = ["src/compute/wasm/generated.ts", "src/targets/generated.ts"].map(
  (path) => new URL(path, ROOT),
);
/** Folders that the workers are made of. */
const SOURCES = ["src/compute/", "src/statistics/", "src/targets/"];

/** The WASM kernels and the workers are generated: made again when a source they are made of is newer. */
export default function build(): void {
  const newest = newestSource();
  if (GENERATED.every((file) => existsSync(file) && newest <= statSync(file).mtimeMs)) return;
  execFileSync("node", ["scripts/build-kernels.mjs"], { cwd: ROOT, stdio: "inherit" });
}

function newestSource(): number {
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.endsWith("generated.ts"))
      .map((path) => new URL(`${folder}${path.replaceAll("\\", "/")}`, ROOT)),
  );
  const others = ["src/errors.ts", "scripts/build-kernels.mjs"].map((path) => new URL(path, ROOT));
  return Math.max(...[...sources, ...others].map((path) => statSync(path).mtimeMs));
}
