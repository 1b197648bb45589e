import { useMemo } from "preact/hooks";
import { hrefOf } from "../history.ts";
import { go, places, shownView } from "../places.ts";
import { result, theme } from "../state.ts";
import { nextTheme } from "../theme.ts";
import { ExportMenu } from "./ExportMenu.tsx";
import { Icon } from "./Icon.tsx";
import { MachineMenu } from "./MachineMenu.tsx";
import { OpenMenu } from "./OpenMenu.tsx";
import { toggleSheet } from "./ShortcutSheet.tsx";
import { type Shortcut, useShortcuts } from "./shortcuts.ts";

const THEME_NAMES = { system: "as the system", light: "light", dark: "dark" } as const;

const FRAME_KEYS: readonly Shortcut[] = [
  { key: "?", does: "This sheet", group: "Page", act: toggleSheet },
  { key: "t", does: "Theme: as the system, light, dark", group: "Page", act: nextTheme },
];

/** Name, what is open, machine, export, theme, keys; and the views. */
export function Header() {
  useShortcuts(FRAME_KEYS);
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href={hrefOf("start")}>
          <Mark />
          <span class="brand-text">Qortex</span>
        </a>
        <OpenMenu />
        <div class="bar-end">
          <MachineMenu />
          {result.value !== undefined && <ExportMenu />}
          <button
            type="button"
            class="quiet icon"
            onClick={nextTheme}
            aria-label={`Theme: ${THEME_NAMES[theme.value]}`}
            title={`Theme: ${THEME_NAMES[theme.value]} (t)`}
          >
            <Icon name={theme.value} />
          </button>
          <button type="button" class="quiet icon" onClick={toggleSheet} aria-label="Keys" title="Keys (?)">
            <span aria-hidden="true">?</span>
          </button>
        </div>
      </div>
      <Navigation />
    </header>
  );
}

function Navigation() {
  const list = places.value;
  const keys = useMemo<readonly Shortcut[]>(
    () =>
      list.map(({ view, title }, i) => ({
        key: String(i + 1),
        does: title,
        group: "Views",
        act: () => go(view),
      })),
    [list],
  );
  useShortcuts(keys);
  return (
    <nav class="views" aria-label="Views">
      {list.map(({ view, title, about }, i) => (
        <a
          key={view}
          href={hrefOf(view)}
          title={`${about} (${i + 1})`}
          aria-current={shownView.value === view ? "page" : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}

/** A peak and its shoulders, as a lead variant stands in its region. */
function Mark() {
  return (
    <svg class="mark" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <circle cx="7" cy="23" r="2.2" />
      <circle cx="12" cy="20" r="2.2" />
      <circle cx="16.5" cy="8" r="3" />
      <circle cx="17.5" cy="16" r="2.2" />
      <circle cx="21.5" cy="21.5" r="2.2" />
      <circle cx="26" cy="24" r="2.2" />
    </svg>
  );
}
