/** Runs a command that is killed again and again, until it has ended by itself. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { random } from "./formats.ts";

export interface KillPlan {
  /** The program's file and its arguments; `--out` is added. */
  readonly main: string;
  readonly args: readonly string[];
  readonly out: string;
  readonly kills: number;
  readonly seed: number;
  /** Files of a run that nobody killed, by name. */
  readonly expected: ReadonlyMap<string, string>;
}

export interface KillReport {
  readonly kills: number;
  /** Runs that came to an end, each compared. */
  readonly ended: number;
  /** Kills that left parts behind, and the most parts that one left. */
  readonly withParts: number;
  readonly mostParts: number;
  /** Starts that took up parts of one before. */
  readonly resumed: number;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
  readonly milliseconds: number;
}

/** One start; killed after `after` milliseconds, if it still runs then. */
function start(main: string, args: readonly string[], after?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const timer = after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), after);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, err, milliseconds: performance.now() - began });
    });
  });
}

/** Every file of a result but the manifest, by name. */
export function resultFiles(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name !== "manifest.json");
  return new Map(names.sort().map((name) => [name, readFileSync(`${folder}/${name}`).toString("base64")]));
}

/**
 * Starts the command, kills it with SIGKILL at a random moment of the time that a whole run takes, starts it again, and so on, `kills` times;
 * each run that ends is compared with `expected` and another begun. Throws, with the seed, when one fails or differs.
 */
export async function killAgainAndAgain(plan: KillPlan): Promise<KillReport> {
  const { main, out, seed, expected } = plan;
  const args = [...plan.args, "--resume", "--out", out];
  const next = random(seed);
  const forget = (): void => {
    rmSync(out, { recursive: true, force: true });
    rmSync(`${out}.parts`, { recursive: true, force: true });
  };
  forget();
  const whole = await start(main, args);
  if (whole.code !== 0) throw new Error(`the command fails unkilled: ${whole.err}`);
  const report = { kills: 0, ended: 0, withParts: 0, mostParts: 0, resumed: 0 };
  const compare = (): void => {
    const found = resultFiles(out);
    for (const name of new Set([...expected.keys(), ...found.keys()])) {
      if (found.get(name) !== expected.get(name))
        throw new Error(`seed ${seed}, ${report.kills} kills: ${name} differs`);
    }
    if (existsSync(`${out}.parts`)) throw new Error(`seed ${seed}: ${out}.parts was left`);
    report.ended++;
    forget();
  };
  compare();
  while (report.kills < plan.kills) {
    const ended = await start(main, args, next() * whole.milliseconds);
    if (ended.err.includes("Resuming:")) report.resumed++;
    if (ended.signal === "SIGKILL") {
      report.kills++;
      const parts = existsSync(`${out}.parts`)
        ? readdirSync(`${out}.parts`).filter((name) => /^part-[\d-]+$/.test(name))
        : [];
      if (parts.length > 0) report.withParts++;
      report.mostParts = Math.max(report.mostParts, parts.length);
    } else if (ended.code === 0) compare();
    else throw new Error(`seed ${seed}, ${report.kills} kills: exit ${ended.code}: ${ended.err}`);
  }
  const last = await start(main, args);
  if (last.code !== 0) throw new Error(`seed ${seed}: ${last.err}`);
  compare();
  return report;
}
