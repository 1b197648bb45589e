// onnxruntime-node, CPU: one MatMul whose right-hand side is a constant of the model, as a network's weights are.
import { createRequire } from "node:module";
import ort from "onnxruntime-node";
import { matrices, serve, shape } from "./serve.mjs";

const { rows, columns, samples, threads } = shape();
const { a, b } = matrices({ rows, columns, samples });

// Protocol buffers, just enough for a graph of one node.
const varint = (value) => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
const number = (field, value) => Buffer.from([...varint(8 * field), ...varint(value)]);
const bytes = (field, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint(8 * field + 2), ...varint(body.length)]), body]);
};
const FLOAT = 1;
const tensorType = (...dims) =>
  bytes(1, number(1, FLOAT), bytes(2, ...dims.map((size) => bytes(1, number(1, size)))));
const value = (field, name, ...dims) => bytes(field, bytes(1, name), bytes(2, tensorType(...dims)));
const weights = Buffer.from(b.buffer);
const initializer = bytes(
  5,
  number(1, samples),
  number(1, columns),
  number(2, FLOAT),
  bytes(8, "b"),
  bytes(9, weights),
);
const node = bytes(1, bytes(1, "a"), bytes(1, "b"), bytes(2, "out"), bytes(4, "MatMul"));
const graph = bytes(
  7,
  node,
  bytes(2, "product"),
  initializer,
  value(11, "a", rows, samples),
  value(12, "out", rows, columns),
);
const model = Buffer.concat([number(1, 8), graph, bytes(8, number(2, 13))]);

const session = await ort.InferenceSession.create(model, {
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
});
const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
const feeds = { a: new ort.Tensor("float32", a, [rows, samples]) };
await serve(`onnxruntime-node ${version}, CPU, MatMul, ${threads} threads`, async () => {
  const { out } = await session.run(feeds);
  return out.data[rows * columns - 1];
});
