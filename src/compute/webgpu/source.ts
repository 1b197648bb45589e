import { CHUNKS } from "./generated.ts";
import type { DeviceVariant } from "./variants.ts";

/**
 * A kernel's source: its #include lines are replaced by the chunks of shaders/lib, each where it is first included, and
 * `lib/dots_*.wgsl`, `lib/four_*.wgsl` and `lib/append_*.wgsl` by the one that suits the device. `enable` lines go to the top, where WGSL wants them.
 */
export function sourceOf(kernel: string, { packedDot, subgroups }: DeviceVariant): string {
  const chosen: Readonly<Record<string, string>> = {
    "dots_*": packedDot ? "dots_packed" : "dots_f32",
    "four_*": packedDot ? "four_packed" : "four_plain",
    "append_*": subgroups ? "append_subgroups" : "append_plain",
  };
  const included = new Set<string>();
  const enabled = new Set<string>();
  const expand = (text: string): string[] =>
    text.split("\n").flatMap((line) => {
      if (line.startsWith("enable ")) {
        enabled.add(line);
        return [];
      }
      const name = /^#include "lib\/(.+)\.wgsl"$/.exec(line)?.[1];
      if (name === undefined) return [line];
      const chunk = chosen[name] ?? name;
      if (included.has(chunk)) return [];
      included.add(chunk);
      const found = CHUNKS[chunk];
      if (found === undefined) throw new Error(`no chunk shaders/lib/${chunk}.wgsl`);
      return expand(found);
    });
  const lines = expand(kernel);
  return [...enabled, ...lines].join("\n");
}
