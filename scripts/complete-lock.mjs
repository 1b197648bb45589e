// Completes package-lock.json after `npm install`: npm leaves out optional packages of foreign platforms that the
// registry at hand does not serve, and npm 11's `npm ci` then refuses the lock ("Missing: ... from lock file").
// Adds an entry (version, os, cpu, libc) for every name in any `optionalDependencies` that has none.
//
//   npm run lock
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const OS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const CPU = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
const LIBC = {
  gnu: "glibc",
  musl: "musl",
  gnueabihf: "glibc",
  musleabihf: "musl",
  gnueabi: "glibc",
  eabi: undefined,
};

/** What a package name such as `@rollup/rollup-linux-arm64-musl` says of its platform. Throws when it says none. */
export function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const os = words.find((word) => OS.includes(word));
  const cpu = words.find((word) => CPU.includes(word));
  if (os === undefined || cpu === undefined) {
    throw new Error(
      `${name}: cannot tell its platform from its name; run npm install where the registry has it`,
    );
  }
  const libc = os === "linux" ? LIBC[words.find((word) => word in LIBC) ?? "eabi"] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
}

/** Names in any `optionalDependencies` without an entry, with the entry each should have. */
export function missingEntries(lock) {
  const missing = {};
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (`${place}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages)
        continue;
      const development = entry.dev ? { dev: true } : {};
      missing[`node_modules/${name}`] = { version, ...development, optional: true, ...platformOf(name) };
    }
  }
  return missing;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const path = new URL("../package-lock.json", import.meta.url);
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const missing = missingEntries(lock);
  const [root, ...others] = Object.entries({ ...lock.packages, ...missing });
  others.sort(([a], [b]) => a.localeCompare(b, "en")); // as npm sorts them
  lock.packages = Object.fromEntries([root, ...others]);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${Object.keys(missing).length} entries added`);
}
