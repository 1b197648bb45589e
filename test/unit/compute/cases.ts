/** What every backend owes, free of any test framework, so that a page can ask it too. */
import type { Backend, Factor } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { allOf, faults, withFactors } from "./check.ts";
import { adversarialProduct, randomProduct, type TestProduct } from "./cohorts.ts";
import { Random } from "./random.ts";

/** Seeds of either kind: as many products. */
export const SEEDS = 110;

export interface Case {
  readonly name: string;
  /** What is wrong, one line each; empty when nothing is. */
  check(backend: Backend): Promise<string[]>;
}

/** What adversarial products attack, in turn. */
const INTEGERS = [
  { digits: 1 },
  { group: 1 },
  { digits: 2 },
  { group: 2 },
  { digits: 1 },
  { group: 4 },
] as const;

/** The products that every backend must get right: half of them random, half adversarial, for every kind of integers. */
export function products(): { readonly name: string; readonly product: TestProduct }[] {
  return Array.from({ length: SEEDS }, (_, i) => [
    { name: `random product, seed ${i}`, product: randomProduct(new Random(i)) },
    {
      name: `adversarial product, seed ${i}`,
      product: adversarialProduct(new Random(10_000 + i), INTEGERS[i % INTEGERS.length]!),
    },
  ]).flat();
}

/** Names of the products that a backend gets wrong, with what is wrong. */
export async function failures(backend: Backend): Promise<string[]> {
  const reference = createReferenceBackend();
  const found: string[] = [];
  for (const { name, product } of products()) {
    const own = await allOf(backend, product);
    const wrong = faults(product, own, await allOf(reference, product));
    for (const { kind, by } of [own.candidates, own.columnMax]) {
      if (by !== undefined) wrong.unshift(`${kind}: ${by} did the work`);
    }
    if (wrong.length > 0) found.push(`${name}: ${wrong.slice(0, 3).join("; ")}`);
  }
  return found;
}

export const CASES: readonly Case[] = [
  { name: `misses no pair and has the reference's bits in ${2 * SEEDS} products`, check: failures },
  {
    name: "stops when its signal fires",
    check: (backend) =>
      withFirst(backend, async (factors) => {
        const dense = { kind: "dense" } as const;
        return refusal(backend.product(factors, dense, AbortSignal.abort()), /cancelled/);
      }),
  },
  { name: "refuses shapes that do not fit", check: misfits },
  { name: "answers for no rows, and for no columns", check: emptyProducts },
  { name: "screens standardised columns only, but multiplies any", check: anyColumns },
];

function withFirst(
  backend: Backend,
  body: (factors: Factor[], product: TestProduct) => Promise<string[]>,
): Promise<string[]> {
  const { product } = products()[0]!;
  return withFactors(backend, product, (factors) => body(factors, product));
}

function misfits(backend: Backend): Promise<string[]> {
  return withFirst(backend, async (factors) => {
    const [factor] = factors;
    const threshold = new Float64Array(factor!.columns.count + 1);
    const norm = new Float64Array(0);
    return [
      ...(await refusal(backend.product(factors, { kind: "candidates", threshold }), /thresholds/)),
      ...(await refusal(backend.product([], { kind: "dense" }), /no cohorts/)),
      ...(await refusal(backend.product([{ ...factor!, norm }], { kind: "columnMax" }), /norms/)),
    ];
  });
}

async function emptyProducts(backend: Backend): Promise<string[]> {
  const full = { kind: "real", count: 1, samples: 4, values: Float64Array.of(0, 1, 2, 0) } as const;
  const size = Math.SQRT1_2;
  const found: string[] = [];
  for (const [count, width] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const rows = { ...full, count, values: full.values.subarray(0, 4 * count) };
    const values = Float64Array.of(size, 0, 0, -size).subarray(0, 4 * width);
    const columns = { count: width, samples: 4, values, standardised: true };
    const factor = { rows, columns, norm: new Float64Array(count).fill(1), weight: 1 };
    const threshold = new Float64Array(width);
    const results = await allOf(backend, { factors: [factor], threshold, windows: undefined });
    const { candidates, columnMax, dense } = results;
    const where = `${count} rows x ${width} columns`;
    const sizes = [candidates.row.length, candidates.column.length, candidates.pairs];
    if (sizes.some((n) => n !== 0)) found.push(`${where}: candidates of sizes ${sizes}, not 0`);
    const expected = width === 0 ? "" : "-1";
    if (String(columnMax.row) !== expected) found.push(`${where}: maxima at rows ${columnMax.row}, not none`);
    const lengths = String(dense.values.map(({ length }) => length));
    if (lengths !== "0") found.push(`${where}: dense values of lengths ${lengths}, not one of 0`);
  }
  return found;
}

async function anyColumns(backend: Backend): Promise<string[]> {
  const values = Float64Array.from([1, 2, 3, 4, 5, 6]);
  const columns = await backend.load({ count: 2, samples: 3, values, standardised: false });
  const rows = { kind: "real", count: 1, samples: 3, values: Float64Array.of(1, 10, 100) } as const;
  const factors = [{ rows, columns, norm: Float64Array.of(1), weight: 1 }];
  const { values: products } = await backend.product(factors, { kind: "dense" });
  const dense = products.map((v) => [...v].join()).join("; ");
  const found = dense === "321,654" ? [] : [`dense products ${dense}, not 321,654`];
  found.push(...(await refusal(backend.product(factors, { kind: "columnMax" }), /standardised/)));
  await columns.dispose();
  found.push(...(await refusal(backend.product(factors, { kind: "dense" }), /disposed/)));
  return found;
}

/** Nothing, where `promise` rejects with a message like `message`. */
async function refusal(promise: Promise<unknown>, message: RegExp): Promise<string[]> {
  try {
    await promise;
  } catch (error) {
    return message.test(String(error)) ? [] : [`refused with "${error}", not ${message}`];
  }
  return [`not refused: ${message} was expected`];
}
