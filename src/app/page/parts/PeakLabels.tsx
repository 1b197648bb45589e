import { type Label, leaderLine, type PlacedLabel, placeLabels } from "../../../report/labels.ts";
import type { PlotBox } from "./PlotBox.tsx";

export interface Peak extends Label {
  /** Of the points. */
  readonly index: number;
  /** What a screen reader says. */
  readonly about: string;
}

export interface PeakLabelsProps {
  readonly peaks: readonly Peak[];
  readonly box: PlotBox;
  /** Points that names keep clear of. */
  readonly cloud: readonly { readonly x: number; readonly y: number }[];
  readonly chosen: number;
  readonly onFocus: (index: number | undefined) => void;
  readonly onChoose: (index: number) => void;
}

type PlacedPeak = PlacedLabel & Peak;

/** Names of the strongest peaks beside them: buttons, so that Tab goes from peak to peak. */
export function PeakLabels({ peaks, box, cloud, chosen, onFocus, onChoose }: PeakLabelsProps) {
  const frame = { left: box.left, right: box.fullWidth - 2, top: 16, bottom: box.top + box.height };
  // Placed labels keep all that the label had.
  const placed = placeLabels(peaks, frame, cloud) as PlacedPeak[];
  return (
    <>
      <svg class="qortex-plot axes" width={box.fullWidth} height={box.fullHeight} aria-hidden="true">
        {placed.map((label) => {
          const leader = leaderLine(label);
          return leader === undefined ? null : (
            <path key={label.index} class="s-line" d={leader} fill="none" />
          );
        })}
        {peaks.map(({ index, x, y }) => (
          <circle key={index} class="f-accent" cx={x} cy={y} r={index === chosen ? 4.5 : 3} />
        ))}
      </svg>
      {placed.map((label) => (
        <button
          key={label.index}
          type="button"
          class={`peak peak-${label.anchor}`}
          style={{ left: `${label.textX}px`, top: `${label.textY}px` }}
          aria-label={label.about}
          aria-pressed={label.index === chosen}
          onFocus={() => onFocus(label.index)}
          onBlur={() => onFocus(undefined)}
          onClick={() => onChoose(label.index)}
        >
          {label.text}
        </button>
      ))}
    </>
  );
}
