import { describe, expect, test } from "vitest";
import { progressText, Terminal } from "../../../src/cli/terminal.ts";
import { Captured } from "./shell.ts";

function terminal(options: { isTTY?: boolean; columns?: number; quiet?: boolean } = {}) {
  const clock = { time: 0 };
  const out = new Captured();
  const err = new Captured(options.isTTY ?? false, options.columns);
  const screen = new Terminal({ out, err, quiet: options.quiet ?? false, now: () => clock.time });
  return { clock, out, err, screen };
}

const testing = (done: number, total = 1e6) => ({ done, total, phase: "testing" as const });

describe("on a terminal", () => {
  test("one line is drawn over, ten times a second at most, and taken away at the end", () => {
    const { clock, out, err, screen } = terminal({ isTTY: true, columns: 100 });
    for (let i = 0; i <= 100; i++) {
      clock.time = i * 10;
      screen.progress(testing(i * 1000));
    }
    const drawn = err.text.split("\r").slice(1);
    expect(drawn).toHaveLength(11);
    expect(drawn[10]).toBe("Testing 10% · 100 k of 1.00 M tests · 100 k tests/s · 9 s left\x1b[K");
    expect(err.text).not.toContain("\n");
    screen.result("done");
    expect(err.text.endsWith("\r\x1b[K")).toBe(true);
    expect(out.text).toBe("done\n");
  });

  test("messages appear above the line, which is drawn again", () => {
    const { err, screen } = terminal({ isTTY: true });
    screen.progress(testing(0));
    const line = err.text.slice(1);
    screen.message({ level: "warning", text: "look" });
    expect(err.text).toBe(`\r${line}\r\x1b[KWarning: look\n\r${line}`);
  });

  test("a line is cut to the width of the terminal", () => {
    const { err, screen } = terminal({ isTTY: true, columns: 24 });
    screen.progress(testing(5e5));
    expect(err.text).toBe("\rTesting 50% · 500 k of…\x1b[K");
  });

  test("the rate is that of the last ten seconds", () => {
    const { clock, err, screen } = terminal({ isTTY: true, columns: 200 });
    let done = 0;
    for (let second = 0; second <= 100; second++) {
      clock.time = second * 1000;
      done += second <= 50 ? 1 : 1000;
      screen.progress(testing(done));
    }
    expect(err.text.split("\r").at(-1)).toContain(" 1.00 k tests/s ");
  });
});

describe("in a log", () => {
  test("a plain line every five seconds, none for a short run", () => {
    const { clock, err, screen } = terminal();
    for (let tenth = 0; tenth <= 120; tenth++) {
      clock.time = tenth * 100;
      screen.progress(testing(tenth * 1000));
    }
    expect(err.text).toBe(
      "Testing 5% · 50.0 k of 1.00 M tests · 10.0 k tests/s · 1 min 35 s left\n" +
        "Testing 10% · 100 k of 1.00 M tests · 10.0 k tests/s · 1 min 30 s left\n",
    );
  });
});

test("quiet: warnings alone", () => {
  const { clock, out, err, screen } = terminal({ isTTY: true, quiet: true });
  screen.status("Using all");
  screen.message({ level: "info", text: "a detail" });
  screen.message({ level: "warning", text: "beware" });
  clock.time = 60_000;
  screen.progress(testing(5));
  screen.result("summary");
  expect(out.text).toBe("");
  expect(err.text).toBe("Warning: beware\n");
});

test("phases without tests have no rate", () => {
  expect(progressText({ done: 1, total: 4, phase: "reading" }, 5)).toBe("Reading 25%");
  expect(progressText({ done: 0, total: 0, phase: "writing" }, 0)).toBe("Writing");
  expect(progressText(testing(1e6), 5e5)).toBe("Testing 100% · 1.00 M of 1.00 M tests · 500 k tests/s");
});
