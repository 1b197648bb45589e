import { describe, expect, it } from "vitest";
import { type Frame, labelBox, leaderLine, placeLabels } from "../../../src/report/labels.ts";
import { uniform } from "./fixtures.ts";

const frame = { left: 40, right: 900, top: 10, bottom: 320 };

function apart(a: Frame, b: Frame): boolean {
  return a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom;
}

describe("placeLabels", () => {
  it("lets no name cover another, a named point, the cloud or the edge", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = uniform(seed);
      const labels = Array.from({ length: 25 }, (_, i) => ({
        text: `GENE${i}`.padEnd(4 + Math.floor(random() * 14), "x"),
        x: 40 + random() * 860,
        y: 10 + random() * (seed % 2 === 0 ? 60 : 300),
      }));
      const cloud = Array.from({ length: 200 }, () => ({ x: 40 + random() * 860, y: 150 + random() * 170 }));
      const placed = placeLabels(labels, frame, cloud);
      const boxes = placed.map(labelBox);
      expect(placed.length, `seed ${seed}`).toBeGreaterThan(4);
      boxes.forEach((box, i) => {
        const others = boxes.filter((_, j) => j !== i);
        expect(
          others.every((other) => apart(box, other)),
          `seed ${seed}`,
        ).toBe(true);
        const dots = [...cloud, ...labels.filter((label) => label.text !== placed[i]!.text)];
        expect(
          dots.every(({ x, y }) => apart(box, { left: x, right: x, top: y, bottom: y })),
          `seed ${seed}`,
        ).toBe(true);
        expect(box.left >= 40 && box.right <= 900 && box.top >= 10 && box.bottom <= 320, `seed ${seed}`).toBe(
          true,
        );
      });
    }
  });

  it("puts a lone name right of its point without a leader, at the right edge left of it", () => {
    const [inside] = placeLabels([{ text: "ABC", x: 100, y: 100 }], frame);
    expect(inside).toMatchObject({ anchor: "start", textX: 107 });
    expect(leaderLine(inside!)).toBeUndefined();
    const [edge] = placeLabels([{ text: "ABC", x: 899, y: 100 }], frame);
    expect(edge).toMatchObject({ anchor: "end", textX: 892 });
  });

  it("leads a line to a name that had to move away", () => {
    const crowd = [0, 1, 2, 3].map((i) => ({ text: "LONGNAME", x: 400 + i, y: 100 }));
    const moved = placeLabels(crowd, frame).filter((label) => leaderLine(label) !== undefined);
    expect(moved.length).toBeGreaterThan(0);
    expect(leaderLine(moved[0]!)).toMatch(/^M40\d,95L/);
  });
});
