import { computed, signal } from "@preact/signals";
import type { NumberName } from "../../jobOptions.ts";

/** Fields whose text is no number that they take. */
const fields = signal<ReadonlySet<NumberName>>(new Set());

/** Whether any is: then the job is not what the form shows, and nothing is started. */
export const numbersWrong = computed(() => fields.value.size > 0);

export function setNumberWrong(name: NumberName, wrong: boolean): void {
  if (fields.peek().has(name) === wrong) return;
  const others = [...fields.peek()].filter((each) => each !== name);
  fields.value = new Set(wrong ? [...others, name] : others);
}
