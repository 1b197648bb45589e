// gpu.js in its cpu mode: plain JavaScript. Its WebGL runs in browsers only.
import { createRequire } from "node:module";
import { matrices, serve, shape } from "./serve.mjs";

const require = createRequire(import.meta.url);
const { GPU } = require("gpu.js");
const { version } = require("gpu.js/package.json");
const { rows, columns, samples } = shape();
const { a, b } = matrices({ rows, columns, samples });
const gpu = new GPU({ mode: "cpu" });
const multiply = gpu
  .createKernel(function (left, right) {
    let sum = 0;
    for (let s = 0; s < this.constants.samples; s++) {
      sum +=
        left[this.thread.y * this.constants.samples + s] * right[s * this.constants.columns + this.thread.x];
    }
    return sum;
  })
  .setConstants({ samples, columns })
  .setOutput([columns, rows]);
await serve(`gpu.js ${version}, mode ${gpu.mode}, 1 thread`, () => multiply(a, b)[rows - 1][columns - 1]);
