/** Plain values (objects, arrays, typed arrays, text, numbers) as one container. */

import { type Container, type ContainerColumn, encodeContainer } from "./container.ts";

/** In JSON's place: an array that is a column of the container, or a number that JSON has no word for. */
type Mark = { readonly $column: number } | { readonly $number: string };

/**
 * `value` as one container with `meta`. What {@link unpackValue} gives back is the same to the bit, NaN, infinities and -0 too; properties that
 * are undefined are then not there. Throws TypeError for what is no plain value.
 */
export function packValue(meta: Readonly<Record<string, number | string>>, value: unknown): Uint8Array {
  const columns: ContainerColumn[] = [];
  const column = (values: ContainerColumn["values"]): Mark => {
    columns.push({ name: String(columns.length), values });
    return { $column: columns.length - 1 };
  };
  const plain = (one: unknown): unknown => {
    if (one instanceof Float64Array || one instanceof Int32Array || one instanceof Uint32Array)
      return column(one);
    if (Array.isArray(one)) return isTexts(one) ? column(one) : one.map(plain);
    if (typeof one === "number") return Number.isFinite(one) && !Object.is(one, -0) ? one : marked(one);
    if (typeof one === "string" || typeof one === "boolean" || one === null || one === undefined) return one;
    if (typeof one !== "object" || ArrayBuffer.isView(one) || Object.getPrototypeOf(one) !== Object.prototype)
      throw new TypeError(`${String(one)} is no plain value`);
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, plain(item)]));
  };
  const text = JSON.stringify({ value: plain(value) });
  return encodeContainer({ ...meta, text }, columns);
}

function isTexts(list: readonly unknown[]): list is string[] {
  return list.length > 0 && list.every((item) => typeof item === "string");
}

function marked(value: number): Mark {
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

/** What {@link packValue} packed; arrays of numbers are views of the container's bytes. */
export function unpackValue(container: Container): unknown {
  const value = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(value);
    if (typeof one !== "object" || one === null) return one;
    if ("$column" in one) return container.array(String(one.$column));
    if ("$number" in one) return Number(one.$number);
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, value(item)]));
  };
  return value((JSON.parse(String(container.meta["text"])) as { readonly value?: unknown }).value);
}
