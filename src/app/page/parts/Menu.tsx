import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";

export interface MenuProps {
  readonly label: ComponentChildren;
  /** Where the label is an icon, or says too little by itself. */
  readonly name?: string | undefined;
  readonly children: ComponentChildren | ((close: () => void) => ComponentChildren);
  readonly side?: "left" | "right" | undefined;
  /** Opens it by a key: an id that {@link openMenu} names. */
  readonly id?: string | undefined;
  readonly class?: string | undefined;
}

/** A button that unfolds a panel; Esc, a click elsewhere or leaving it with Tab folds it. */
export function Menu({ label, name, children, side = "right", id, class: kind = "" }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  // Before the panel is painted: a key that follows at once finds it listening.
  useLayoutEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    const fold = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    addEventListener("pointerdown", elsewhere);
    addEventListener("focusin", elsewhere);
    addEventListener("keydown", fold);
    return () => {
      removeEventListener("pointerdown", elsewhere);
      removeEventListener("focusin", elsewhere);
      removeEventListener("keydown", fold);
    };
  }, [open]);
  return (
    <div class="menu" ref={box}>
      <button
        type="button"
        class={`quiet ${kind}`}
        ref={button}
        id={id}
        aria-expanded={open}
        aria-controls={panel}
        aria-label={name}
        onClick={() => setOpen(!open)}
      >
        {label}
        <Icon name="down" />
      </button>
      <div class={`menu-panel ${side}`} id={panel} hidden={!open}>
        {open && (typeof children === "function" ? children(() => setOpen(false)) : children)}
      </div>
    </div>
  );
}

/** Unfolds the menu whose button has this id. */
export function openMenu(id: string): void {
  const button = document.getElementById(id);
  button?.focus();
  if (button?.getAttribute("aria-expanded") !== "true") button?.click();
}
