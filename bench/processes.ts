import { readdirSync, readFileSync } from "node:fs";

/** A process below this one, with the most memory it ever held. */
export interface Descendant {
  /** As Chromium calls its own: `renderer`, `gpu-process`; empty of others. */
  readonly type: string;
  /** KiB, VmHWM. */
  readonly peak: number;
}

/** All processes that this one has started, and those that they have, by /proc: on Linux alone. */
export function descendants(): Descendant[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const number = (name: string) =>
          Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
        const type = /--type=([\w-]+)/.exec(command)?.[1] ?? "";
        return [{ pid: Number(pid), parent: number("PPid"), peak: number("VmHWM"), type }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const below = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
      if (at === process.pid) return true;
    return false;
  };
  return all.filter(({ pid }) => below(pid));
}

/** The most that a process of this type ever held, KiB; 0 without one. */
export function peakOf(type: string): number {
  return Math.max(0, ...descendants().map((one) => (one.type === type ? one.peak : 0)));
}
