// TensorFlow.js on WebAssembly. In Node it has SIMD and no threads.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { matrices, serve, shape } from "./serve.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const home = dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
wasm.setWasmPaths(`${join(home, "dist")}/`);
await tf.setBackend("wasm");
await tf.ready();
const { rows, columns, samples } = shape();
const { a, b } = matrices({ rows, columns, samples });
const left = tf.tensor2d(a, [rows, samples]);
const right = tf.tensor2d(b, [samples, columns]);
const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "SIMD" : "no SIMD";
await serve(`tfjs ${tf.version_core}, backend ${tf.getBackend()}, ${simd}, 1 thread`, () => {
  const out = tf.matMul(left, right);
  const numbers = out.dataSync();
  out.dispose();
  return numbers[rows * columns - 1];
});
