/**
 * Kernel lab: sums of expression over hard calls, by the carriers of an allele and by tables of four samples.
 * Each kernel fills int16 sums of 2,048 variants x one block of genes; it is checked against plain loops, then timed
 * on one thread. Rates are pairs a second over a whole spectrum of frequencies.
 *
 *   node bench/run.mjs bench/lab/calls.ts [samples ...]
 */
import { compileString } from "assemblyscript/asc";
import { seededRandom } from "../../src/bench/random.ts";

const VARIANTS = 2048;
const REPEATS = 15;

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** How a vector of 8 int16 is read from `at`, of rows that hold int16 or int8. */
const READ = {
  16: (at: string, k: number) => `v128.load(${at}, ${16 * k})`,
  8: (at: string, k: number) => `v128.load8x8_s(${at}, ${8 * k})`,
};

/** One list of samples added to (or subtracted from) the sums c0.. of `vectors` vectors of 8 genes. */
function walk(vectors: number, bits: 8 | 16, end: string, operation: string): string {
  const add = indices(vectors)
    .map((k) => `c${k} = i16x8.${operation}(c${k}, ${READ[bits]("p", k)});`)
    .join(" ");
  return `for (; i < ${end}; i += 2) { const p = e + <usize>load<u16>(i) * ROW; ${add} }`;
}

const zero = (vectors: number) =>
  indices(vectors)
    .map((k) => `let c${k} = i16x8.splat(0);`)
    .join(" ");
const store = (vectors: number) =>
  indices(vectors)
    .map((k) => `v128.store(o, c${k}, ${16 * k});`)
    .join(" ");

/** Copies of the minor allele, a homozygote listed twice. idx: u16 lists; off: u32 byte offsets [variants + 1]. */
function copies(vectors: number, bits: 8 | 16): string {
  return `export function copies${bits}_${vectors}(e: usize, off: usize, idx: usize, out: usize, V: usize): void {
  const ROW: usize = ${vectors * bits};
  for (let v: usize = 0; v < V; v++) {
    let i = idx + load<u32>(off + (v << 2));
    const end = idx + load<u32>(off + (v << 2), 4);
    ${zero(vectors)}
    ${walk(vectors, bits, "end", "add")}
    const o = out + v * ${16 * vectors};
    ${store(vectors)}
  }
}
`;
}

/** Three lists a variant: those that count twice, once, and minus once. off: u32 byte offsets [3 * variants + 1]. */
function signed(vectors: number, bits: 8 | 16): string {
  const double = indices(vectors)
    .map((k) => `c${k} = i16x8.shl(c${k}, 1);`)
    .join(" ");
  return `export function signed${bits}_${vectors}(e: usize, off: usize, idx: usize, out: usize, V: usize): void {
  const ROW: usize = ${vectors * bits};
  for (let v: usize = 0; v < V; v++) {
    const at = off + v * 12;
    let i = idx + load<u32>(at);
    const twice = idx + load<u32>(at, 4), once = idx + load<u32>(at, 8), end = idx + load<u32>(at, 12);
    ${zero(vectors)}
    ${walk(vectors, bits, "twice", "add")}
    ${double}
    ${walk(vectors, bits, "once", "add")}
    ${walk(vectors, bits, "end", "sub")}
    const o = out + v * ${16 * vectors};
    ${store(vectors)}
  }
}
`;
}

/**
 * Tables of four samples: 256 rows of the partial sums of 32 genes. g: [groups of 4 bytes][variants][4 bytes];
 * t: room for four tables; the sums stay in `out` between groups.
 */
function table(bits: 8 | 16): string {
  const vectors = 4;
  const row = 64;
  const build = `
  // t[byte] = sum of code(byte, s) * e[s], built from the codes of the lower samples up.
  for (let k: usize = 0; k < 4; k++) {
    const t = tables + k * ${256 * row};
    const first = e + (group * 16 + k * 4) * ${vectors * bits};
    ${indices(vectors)
      .map((v) => `v128.store(t, i16x8.splat(0), ${16 * v});`)
      .join(" ")}
    let filled: usize = 1;
    for (let s: usize = 0; s < 4; s++) {
      const p = first + s * ${vectors * bits};
      ${indices(vectors)
        .map((v) => `const x${v} = ${READ[bits]("p", v)};`)
        .join(" ")}
      for (let j: usize = 0; j < filled; j++) {
        let q = t + j * ${row};
        ${indices(vectors)
          .map((v) => `let y${v} = v128.load(q, ${16 * v});`)
          .join(" ")}
        for (let c: usize = 1; c < 4; c++) {
          q += filled * ${row};
          ${indices(vectors)
            .map(
              (v) =>
                `if (c < 3) y${v} = i16x8.add(y${v}, x${v}); else y${v} = i16x8.sub(y${v}, i16x8.shl(x${v}, 1)); v128.store(q, y${v}, ${16 * v});`,
            )
            .join(" ")}
        }
      }
      filled <<= 2;
    }
  }`;
  const terms = (k: number) => {
    const [a, b, c, d] = indices(4).map((i) => `v128.load(a${i}, ${16 * k})`);
    return `i16x8.add(i16x8.add(${a}, ${b}), i16x8.add(${c}, ${d}))`;
  };
  return `export function table${bits}(g: usize, e: usize, groups: usize, tables: usize, out: usize, V: usize): void {
  memory.fill(out, 0, V * ${row});
  for (let group: usize = 0; group < groups; group++) {${build}
    const calls = g + group * V * 4;
    for (let v: usize = 0; v < V; v++) {
      const w = load<u32>(calls + v * 4);
      ${indices(4)
        .map((i) => `const a${i} = tables + ${i * 256 * row} + (<usize>((w >> ${8 * i}) & 255)) * ${row};`)
        .join(" ")}
      const o = out + v * ${row};
      ${indices(vectors)
        .map((k) => `v128.store(o, i16x8.add(v128.load(o, ${16 * k}), ${terms(k)}), ${16 * k});`)
        .join(" ")}
    }
  }
}
`;
}

/**
 * As signed8, `step` entries at once: their int8 rows of 32 genes are added as int8 (so |q| * step <= 127), then widened.
 * Lists are padded to multiples of `step` with a row of zeros.
 */
function grouped(step: number): string {
  const body = (operation: string, end: string) => {
    const names = indices(step)
      .map((i) => `const p${i} = e + ((<usize>load<u16>(i, ${2 * i})) << 5);`)
      .join(" ");
    const halves = indices(2).map((h) => {
      let terms = indices(step).map((i) => `v128.load(p${i}, ${16 * h})`);
      while (terms.length > 1)
        terms = indices(terms.length / 2).map((j) => `i8x16.add(${terms[2 * j]}, ${terms[2 * j + 1]})`);
      return `const s${h} = ${terms[0]}; c${2 * h} = i16x8.${operation}(c${2 * h}, i16x8.extend_low_i8x16_s(s${h})); c${2 * h + 1} = i16x8.${operation}(c${2 * h + 1}, i16x8.extend_high_i8x16_s(s${h}));`;
    });
    return `for (; i < ${end}; i += ${2 * step}) { ${names} ${halves.join(" ")} }`;
  };
  return lists(`grouped${step}_4`, body);
}

/** As signed8, two entries at once: bytes of two rows interleaved and added pairwise, |q| <= 127. */
function interleaved(): string {
  const lo = indices(8)
    .flatMap((i) => [i, 16 + i])
    .join(", ");
  const hi = indices(8)
    .flatMap((i) => [8 + i, 24 + i])
    .join(", ");
  const body = (operation: string, end: string) => `for (; i < ${end}; i += 4) {
      const p0 = e + ((<usize>load<u16>(i)) << 5), p1 = e + ((<usize>load<u16>(i, 2)) << 5);
      ${indices(2)
        .map(
          (h) => `const x${h} = v128.load(p0, ${16 * h}), y${h} = v128.load(p1, ${16 * h});
      c${2 * h} = i16x8.${operation}(c${2 * h}, i16x8.extadd_pairwise_i8x16_s(i8x16.shuffle(x${h}, y${h}, ${lo})));
      c${2 * h + 1} = i16x8.${operation}(c${2 * h + 1}, i16x8.extadd_pairwise_i8x16_s(i8x16.shuffle(x${h}, y${h}, ${hi})));`,
        )
        .join(" ")}
    }`;
  return lists("interleaved2_4", body);
}

function lists(name: string, body: (operation: string, end: string) => string): string {
  return `export function ${name}(e: usize, off: usize, idx: usize, out: usize, V: usize): void {
  for (let v: usize = 0; v < V; v++) {
    const at = off + v * 12;
    let i = idx + load<u32>(at);
    const twice = idx + load<u32>(at, 4), once = idx + load<u32>(at, 8), end = idx + load<u32>(at, 12);
    ${zero(4)}
    ${body("add", "twice")}
    ${indices(4)
      .map((k) => `c${k} = i16x8.shl(c${k}, 1);`)
      .join(" ")}
    ${body("add", "once")}
    ${body("sub", "end")}
    const o = out + v * 64;
    ${store(4)}
  }
}
`;
}

const SOURCE = [
  grouped(2),
  grouped(4),
  interleaved(),
  copies(4, 16),
  copies(8, 16),
  copies(4, 8),
  copies(8, 8),
  signed(4, 16),
  signed(8, 16),
  signed(4, 8),
  signed(8, 8),
  table(16),
  table(8),
  "export function arena(): usize { return __heap_base; }",
].join("\n");

async function compile(): Promise<
  Record<string, (...a: number[]) => number> & { memory: WebAssembly.Memory }
> {
  const { error, binary, stderr } = await compileString(SOURCE, {
    optimizeLevel: 3,
    shrinkLevel: 0,
    noAssert: true,
    runtime: "stub",
    enable: ["simd"],
    initialMemory: 1024,
  });
  if (error || binary === null) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>, {});
  return instance.exports as never;
}

/** Minor allele frequencies of a spectrum, a variant each. */
const SPECTRA: Record<string, (u: number) => number> = {
  "1/x from 0.01": (u) => 0.01 * 50 ** u,
  "array (0.05 to 0.5)": (u) => 0.05 + 0.45 * u,
  "0.01": () => 0.01,
  "0.05": () => 0.05,
  "0.1": () => 0.1,
  "0.2": () => 0.2,
  "0.3": () => 0.3,
  "0.4": () => 0.4,
  "0.5": () => 0.5,
};

async function main() {
  const samples = process.argv.slice(2).map(Number);
  const exports = await compile();
  for (const n of samples.length ? samples : [100, 500, 2683]) {
    console.log(`\nn = ${n}`);
    for (const [name, spectrum] of Object.entries(SPECTRA)) run(exports, n, name, spectrum);
  }
}

function run(
  x: Awaited<ReturnType<typeof compile>>,
  n: number,
  name: string,
  spectrum: (u: number) => number,
) {
  const random = seededRandom(n);
  const calls = new Uint8Array(VARIANTS * n);
  for (let v = 0; v < VARIANTS; v += 1) {
    const f = spectrum(random.uniform());
    for (let s = 0; s < n; s += 1)
      calls[v * n + s] = Number(random.uniform() < f) + Number(random.uniform() < f);
  }
  const groups = Math.ceil(n / 16);
  const e = new Int8Array(groups * 16 * 64);
  for (let i = 0; i < n * 64; i += 1) e[i] = Math.round(Math.max(-9, Math.min(9, 3 * random.normal())));
  const rates: string[] = [];
  const memory = x.memory.buffer;
  const base = x["arena"]!();
  const place = (bytes: number, at: number) => [at, Math.ceil((at + bytes) / 64) * 64] as const;
  for (const kernel of [
    "copies16_4",
    "signed16_4",
    "signed8_4",
    "table16",
    "grouped2_4",
    "grouped4_4",
    "interleaved2_4",
  ]) {
    const step = kernel.startsWith("grouped4")
      ? 4
      : kernel.includes("2_4") && !kernel.includes("copies")
        ? 2
        : 1;
    const bits = kernel.includes("16") ? 16 : 8;
    const genes = kernel.endsWith("_8") ? 64 : 32;
    const [eAt, a1] = place((groups + 1) * 16 * genes * 2, Math.ceil(base / 64) * 64);
    const view =
      bits === 16
        ? new Int16Array(memory, eAt, (groups + 1) * 16 * genes).fill(0)
        : new Int8Array(memory, eAt, (groups + 1) * 16 * genes).fill(0);
    for (let s = 0; s < groups * 16; s += 1)
      for (let j = 0; j < genes; j += 1) view[s * genes + j] = e[s * 64 + j]!;
    const [offAt, a2] = place(4 * (3 * VARIANTS + 1), a1);
    const [idxAt, a3] = place(2 * (2 * n + 12) * VARIANTS, a2);
    const [outAt, a4] = place(2 * genes * VARIANTS, a3);
    const [gAt, a5] = place(groups * VARIANTS * 4, a4);
    const [tAt] = place(4 * 256 * 64, a5);
    const off = new Uint32Array(memory, offAt, 3 * VARIANTS + 1);
    const idx = new Uint16Array(memory, idxAt, (2 * n + 12) * VARIANTS);
    const base1 = new Uint8Array(VARIANTS);
    let call: () => void;
    if (kernel.startsWith("table")) {
      const g = new Uint8Array(memory, gAt, groups * VARIANTS * 4).fill(0);
      for (let v = 0; v < VARIANTS; v += 1)
        for (let s = 0; s < n; s += 1)
          g[((s >> 4) * VARIANTS + v) * 4 + ((s >> 2) & 3)]! |= calls[v * n + s]! << (2 * (s & 3));
      call = () => x[kernel]!(gAt, eAt, groups, tAt, outAt, VARIANTS);
    } else {
      let k = 0;
      const push = (v: number, value: number) => {
        for (let s = 0; s < n; s += 1) if (calls[v * n + s] === value) idx[k++] = s;
        while (step > 1 && k % step !== 0) idx[k++] = groups * 16;
      };
      for (let v = 0; v < VARIANTS; v += 1) {
        let ones = 0;
        let twos = 0;
        for (let s = 0; s < n; s += 1) {
          ones += Number(calls[v * n + s] === 1);
          twos += Number(calls[v * n + s] === 2);
        }
        if (kernel.startsWith("copies")) {
          off[v] = 2 * k;
          push(v, 1);
          push(v, 2);
          push(v, 2);
        } else {
          base1[v] = Number(n - ones < ones + twos);
          off[3 * v] = 2 * k;
          if (!base1[v]) push(v, 2);
          off[3 * v + 1] = 2 * k;
          push(v, base1[v] ? 2 : 1);
          off[3 * v + 2] = 2 * k;
          if (base1[v]) push(v, 0);
        }
      }
      off[kernel.startsWith("copies") ? VARIANTS : 3 * VARIANTS] = 2 * k;
      call = () => x[kernel]!(eAt, offAt, idxAt, outAt, VARIANTS);
    }
    call();
    const out = new Int16Array(memory, outAt, genes * VARIANTS);
    for (let v = 0; v < VARIANTS; v += 97) {
      for (let j = 0; j < genes; j += 1) {
        let sum = 0;
        for (let s = 0; s < n; s += 1) sum += (calls[v * n + s]! - base1[v]!) * e[s * 64 + j]!;
        if ((sum << 16) >> 16 !== out[v * genes + j])
          throw new Error(`${kernel}: variant ${v}, gene ${j}: ${out[v * genes + j]} for ${sum}`);
      }
    }
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < REPEATS; i += 1) {
      const start = performance.now();
      call();
      best = Math.min(best, performance.now() - start);
    }
    rates.push(`${kernel} ${((VARIANTS * genes) / best / 1e3).toFixed(0)}`);
  }
  console.log(`${name.padEnd(20)} M pairs/s: ${rates.join("  ")}`);
}

await main();
