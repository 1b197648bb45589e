import { execFileSync } from "node:child_process";

/** gpu.js as a module: writes src/compute/webgl/generated.ts where it is of another version, or absent. */
export default function build(): void {
  execFileSync("node", ["scripts/build-webgl.mjs"], {
    cwd: new URL("../../", import.meta.url),
    stdio: "inherit",
  });
}
