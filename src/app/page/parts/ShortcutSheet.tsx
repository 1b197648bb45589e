import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon.tsx";
import { type Shortcut, shortcuts } from "./shortcuts.ts";

const open = signal(false);

export function toggleSheet(): void {
  open.value = !open.peek();
}

/** The keys that work where one is, behind `?`. */
export function ShortcutSheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = open.value;
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const close = (): void => {
    open.value = false;
  };
  return (
    <dialog class="sheet" ref={dialog} onClose={close} aria-labelledby="sheet-title">
      <div class="sheet-head">
        <h2 id="sheet-title">Keys</h2>
        <button type="button" class="quiet icon" onClick={close} aria-label="Close">
          <Icon name="close" />
        </button>
      </div>
      <div class="sheet-groups">
        {shown &&
          groups(shortcuts.value).map(([group, list]) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {list.map(({ key, shown: keys, does }) => (
                  <div key={key}>
                    <dt>
                      <kbd>{keys ?? nameOf(key)}</kbd>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
      </div>
      <p class="sheet-foot">
        Tab and Shift+Tab go through everything; Enter and Space press what has the focus.
      </p>
    </dialog>
  );
}

function groups(list: readonly Shortcut[]): [string, Shortcut[]][] {
  const found = new Map<string, Shortcut[]>();
  for (const shortcut of list) {
    const group = found.get(shortcut.group) ?? [];
    group.push(shortcut);
    found.set(shortcut.group, group);
  }
  return [...found];
}

function nameOf(key: string): string {
  const names: Readonly<Record<string, string>> = {
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Escape: "Esc",
    " ": "Space",
  };
  return names[key] ?? key;
}
