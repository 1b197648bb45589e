import { signal } from "@preact/signals";

/** What screen readers are told; shown to nobody else. */
export const announced = signal("");

export function announce(text: string): void {
  // The same text twice is said twice.
  announced.value = announced.value === text ? `${text}\u00a0` : text;
}
