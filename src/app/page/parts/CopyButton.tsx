import { useState } from "preact/hooks";
import { announce } from "./announce.ts";
import { Icon } from "./Icon.tsx";

/** Copies a text; says so on the button itself. */
export function CopyButton({
  text,
  label = "Copy",
}: {
  readonly text: () => string;
  readonly label?: string;
}) {
  const [said, setSaid] = useState<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    // Without a secure address a browser lends no clipboard.
    const outcome = await Promise.resolve(navigator.clipboard?.writeText(text())).then(
      () => (navigator.clipboard === undefined ? "Not allowed here" : "Copied"),
      () => "Not allowed here",
    );
    setSaid(outcome);
    announce(outcome);
    setTimeout(() => setSaid(undefined), 2000);
  };
  return (
    <button type="button" class="small" onClick={() => void copy()}>
      <Icon name={said === "Copied" ? "check" : "copy"} />
      {said ?? label}
    </button>
  );
}
