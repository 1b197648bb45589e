import { readFileSync } from "node:fs";

/** What this process has used since it started, all its threads together. */
export interface Usage {
  /** Processor time, user and system. */
  readonly cpuSeconds: number;
  /** The most memory it held at once: its largest resident set. */
  readonly peakBytes: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes() };
}

function peakBytes(): number {
  // Linux counts the parent's pages, as they were at the fork, into a child's getrusage; this it counts right.
  const status = process.platform === "linux" ? statusText() : undefined;
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status ?? "")?.[1];
  return 1024 * (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes));
}

function statusText(): string | undefined {
  try {
    return readFileSync("/proc/self/status", "latin1");
  } catch {
    return undefined;
  }
}
