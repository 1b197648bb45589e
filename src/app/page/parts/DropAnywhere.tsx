import { useEffect, useState } from "preact/hooks";
import { show } from "../engine.ts";
import { droppedFiles, giveFiles } from "../filesGiven.ts";
import { go } from "../places.ts";
import { running } from "../state.ts";
import { Icon } from "./Icon.tsx";

/** Takes files that are dropped anywhere on the page: without it a browser leaves the page for a file that misses its mark. */
export function DropAnywhere() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    // Without a related target the pointer has left the window, not gone from one part of it to the next.
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (event.dataTransfer === null || !holdsFiles(event)) return;
      event.preventDefault();
      droppedFiles(event.dataTransfer).then(take).catch(show);
    };
    addEventListener("dragenter", drag);
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", drag);
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  if (!over) return null;
  return (
    <div class="drop-cover">
      <p>
        <Icon name="drop" />
        {running.value
          ? "Drop them: they are looked at once the run has ended"
          : "Drop them: files and folders"}
      </p>
    </div>
  );
}

async function take(given: Awaited<ReturnType<typeof droppedFiles>>): Promise<void> {
  // What is known of them is said there.
  if (given.some(({ name }) => !name.endsWith(".view.json"))) go("start");
  await giveFiles(given);
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}
