/** Time and peak memory of a whole process, all its threads included. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Measurement {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  /** Bytes: the largest resident set of the process. */
  readonly peak: number;
}

const TIME = "/usr/bin/time";

/** Runs a command to its end; throws when it fails. Needs GNU time (Debian: `apt-get install time`). */
export async function measure(command: string, args: readonly string[]): Promise<Measurement> {
  if (!existsSync(TIME))
    throw new Error(`${TIME} is not there, and measures the peak memory: apt-get install time`);
  const scratch = mkdtempSync(join(tmpdir(), "qortex-bench-"));
  const report = join(scratch, "time.txt");
  try {
    await finished(TIME, ["-f", "%e %U %S %M", "-o", report, command, ...args]);
    const [elapsed, user, system, kilobytes] = readFileSync(report, "utf8").trim().split(/\s+/).map(Number);
    return { seconds: elapsed!, cpuSeconds: user! + system!, peak: kilobytes! * 1024 };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function finished(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${complaint}`));
    });
  });
}

/** The run of median time among `runs`. */
export async function median(runs: number, once: () => Promise<Measurement>): Promise<Measurement> {
  const all: Measurement[] = [];
  for (let i = 0; i < runs; i++) all.push(await once());
  all.sort((a, b) => a.seconds - b.seconds);
  return all[Math.floor((all.length - 1) / 2)]!;
}
