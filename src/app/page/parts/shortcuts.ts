import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** Keys that do something, while the part that owns them is shown; the sheet behind `?` lists them. */
export interface Shortcut {
  /** As `KeyboardEvent.key`: `t`, `?`, `ArrowLeft`. No modifiers: those are the browser's. */
  readonly key: string;
  /** Other keys to the same end, not listed one by one. */
  readonly shown?: string | undefined;
  /** `Next gene`. */
  readonly does: string;
  readonly group: string;
  readonly act: () => void;
}

export const shortcuts = signal<readonly Shortcut[]>([]);

/** Keys of a view: there while it is. `list` must be the same array until it changes (useMemo, or a constant). */
export function useShortcuts(list: readonly Shortcut[]): void {
  useLayoutEffect(() => {
    shortcuts.value = [...shortcuts.peek(), ...list];
    return () => {
      shortcuts.value = shortcuts.peek().filter((shortcut) => !list.includes(shortcut));
    };
  }, [list]);
}

/** Acts on keys pressed outside of fields. The latest of equal keys wins. */
export function listenForShortcuts(): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isField(event.target))
      return;
    if (document.querySelector("dialog[open]") !== null) return;
    const found = shortcuts.peek().findLast(({ key }) => key === event.key);
    if (found === undefined) return;
    event.preventDefault();
    found.act();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches("input:not([type=checkbox]):not([type=radio]),select,textarea,[contenteditable]")
  );
}
