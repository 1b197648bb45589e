// jax-js on WebAssembly. Its threads are workers of a browser: in Node it has one.
import { readFileSync } from "node:fs";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { matrices, serve, shape } from "./serve.mjs";

await init("wasm");
defaultDevice("wasm");
const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.resolve("@jax-js/jax")), "utf8"),
);
const { rows, columns, samples } = shape();
const { a, b } = matrices({ rows, columns, samples });
const left = np.array(a).reshape([rows, samples]);
const right = np.array(b).reshape([samples, columns]);
await serve(`jax-js ${version}, device wasm, 1 thread`, async () => {
  const out = np.matmul(left.ref, right.ref);
  const numbers = await out.data();
  return numbers[rows * columns - 1];
});
