import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

/** Where npm put SwiftShader: a Vulkan made of CPU instructions, and a loader for it. */
const CHROMIUM = dirname(dirname(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium"))));

/**
 * Gives the test processes a GPU on any Linux x64 machine: unpacks SwiftShader, and points Vulkan at it. Test processes
 * are forked after this, which matters: the dynamic linker reads LD_LIBRARY_PATH when a process starts.
 * QORTEX_TEST_GPU=system uses the machine's own adapter, as other platforms do.
 */
export default function useSwiftShader(): void {
  if (process.platform !== "linux" || process.arch !== "x64" || process.env["QORTEX_TEST_GPU"] === "system")
    return;
  const folder = unpacked();
  process.env["VK_ICD_FILENAMES"] = join(folder, "vk_swiftshader_icd.json");
  process.env["VK_DRIVER_FILES"] = process.env["VK_ICD_FILENAMES"];
  const others = process.env["LD_LIBRARY_PATH"];
  process.env["LD_LIBRARY_PATH"] = others === undefined ? folder : `${folder}:${others}`;
}

function unpacked(): string {
  const { version } = JSON.parse(readFileSync(join(CHROMIUM, "package.json"), "utf8")) as { version: string };
  const cache = fileURLToPath(new URL("../../node_modules/.cache/qortex/", import.meta.url));
  const folder = join(cache, `swiftshader-${version}`);
  if (existsSync(folder)) return folder;
  // Made beside and renamed, so that two runs at once do not see half of it.
  const making = `${folder}-${process.pid}`;
  mkdirSync(making, { recursive: true });
  const archive = brotliDecompressSync(readFileSync(join(CHROMIUM, "bin/swiftshader.tar.br")));
  for (const { name, bytes } of tarFiles(archive)) writeFileSync(join(making, name), bytes, { mode: 0o755 });
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(making, { recursive: true });
  }
  return folder;
}

/** The plain files of a tar archive whose names need no folders. */
export function* tarFiles(archive: Buffer): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  const text = (from: number, length: number) =>
    archive
      .toString("latin1", from, from + length)
      .replace(/\0.*$/s, "")
      .trim();
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const name = text(at, 100);
    const size = Number.parseInt(text(at + 124, 12), 8);
    const type = text(at + 156, 1);
    if (type === "" || type === "0") {
      yield { name: name.replace(/^.*\//, ""), bytes: archive.subarray(at + 512, at + 512 + size) };
    }
    at += 512 * (1 + Math.ceil(size / 512));
  }
}
