import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

/** Nothing leaves the machine; WebGPU and WebGL come from SwiftShader, so that no GPU is needed. */
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-unsafe-swiftshader",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Starts a headless Chromium: npm's (`@sparticuz/chromium`) on Linux x64, the system's Chrome elsewhere, which it says.
 * Throws where there is none: a browser test without a browser fails.
 */
export function startChromium(): Promise<Browser> {
  // `headless: false` keeps playwright from choosing a shell of its own; the argument does it.
  const options: LaunchOptions = { headless: false, args: ARGUMENTS };
  if (process.platform !== "linux" || process.arch !== "x64") {
    console.info(`browser tests: the system's Chrome, since npm has no Chromium for ${process.platform}`);
    return chromium.launch({ ...options, channel: "chrome" });
  }
  const folder = unpacked();
  const libraries = [join(folder, "lib"), folder, process.env["LD_LIBRARY_PATH"]];
  return chromium.launch({
    ...options,
    executablePath: join(folder, "chromium"),
    env: { ...process.env, LD_LIBRARY_PATH: libraries.filter(Boolean).join(":") },
  });
}

/** Chromium, its SwiftShader and the system libraries that it needs, in one folder of node_modules/.cache. */
function unpacked(): string {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const home = `${entry.slice(0, entry.lastIndexOf(join("chromium", "/")))}chromium`;
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string };
  const cache = fileURLToPath(new URL("../../node_modules/.cache/qortex/", import.meta.url));
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  // Made beside and renamed, so that two runs at once do not see half of it.
  const making = `${folder}-${process.pid}`;
  mkdirSync(making, { recursive: true });
  const part = (name: string) => brotliDecompressSync(readFileSync(join(home, "bin", name)));
  writeFileSync(join(making, "chromium"), part("chromium.br"), { mode: 0o755 });
  for (const name of ["swiftshader.tar.br", "al2023.tar.br"]) {
    execFileSync("tar", ["-x", "-f", "-", "-C", making, "--no-same-owner"], { input: part(name) });
  }
  mkdirSync(dirname(folder), { recursive: true });
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(making, { recursive: true });
  }
  return folder;
}
