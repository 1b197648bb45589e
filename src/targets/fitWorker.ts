/** What runs in each thread of fine-mapping: one window at a time. Bundled into a string by build-kernels. */
import type { TaskReply } from "../compute/taskPool.ts";
import { QortexError } from "../errors.ts";
import { fitWindow, type WindowFit, type WindowJob } from "./windowFit.ts";

interface Scope {
  onmessage: (event: { readonly data: WindowJob }) => void;
  postMessage(reply: TaskReply<WindowFit>): void;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data }) => {
  try {
    scope.postMessage({ type: "done", output: fitWindow(data) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const tag = error instanceof QortexError ? error.tag : "backend";
    scope.postMessage({ type: "failed", tag, message });
  }
};
