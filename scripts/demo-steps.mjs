// What the demos share: a build that is up to date, and commands that are shown before they run.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** From the repository's root, with dist/ no older than the sources. */
export function prepare() {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  if (isBuilt()) return;
  console.log("Building Qortex\n");
  execute("npm", ["run", "--silent", "build"]);
}

function isBuilt() {
  if (!existsSync("dist/cli/main.js")) return false;
  const built = statSync("dist/cli/main.js").mtimeMs;
  return readdirSync("src", { recursive: true }).every((name) => statSync(`src/${name}`).mtimeMs <= built);
}

/** Shows a command as it can be typed, then runs it. Options have no blanks but the one between name and value. */
export function qortex(command, options) {
  console.log(`\n$ npx qortex ${command} \\\n${options.map((option) => `    ${option}`).join(" \\\n")}\n`);
  execute(process.execPath, [
    "dist/cli/main.js",
    ...command.split(" "),
    ...options.flatMap((option) => option.split(" ")),
  ]);
}

function execute(program, args) {
  const shell = process.platform === "win32" && program === "npm";
  const { status, signal, error } = spawnSync(program, args, { stdio: "inherit", shell });
  if (error) throw error;
  if (status !== 0) process.exit(signal ? 130 : status);
}
