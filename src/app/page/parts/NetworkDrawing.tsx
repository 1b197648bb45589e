import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { counted, plain } from "../../../report/numbers.ts";
import { announce } from "./announce.ts";
import type { DrawnNetwork } from "./drawnNetwork.ts";
import { PictureView } from "./PictureView.tsx";
import { PlotFrame } from "./PlotFrame.tsx";
import type { SigmaDrawing } from "./sigmaDrawing.ts";
import { useThemeKey } from "./useThemeKey.ts";

export interface NetworkDrawingProps {
  readonly network: DrawnNetwork;
  readonly title: string;
  readonly caption: string;
  /** Switches of the view. */
  readonly tools?: ComponentChildren;
  readonly onChoose: (node: number) => void;
}

const HELP = (
  <p>
    Genes that stand near each other are joined strongly or share many partners; a larger circle is a gene
    nearer to the heart of its module. Gaps between clusters of one module are a hint that it holds two
    programmes. Point at a gene to see its partners alone; click it for its neighbours in the whole network.
  </p>
);

/** The network on WebGL; as a picture where the browser has none, or sigma could not start. */
export function NetworkDrawing({ network, title, caption, tools, onChoose }: NetworkDrawingProps) {
  const [plainly, setPlainly] = useState(() => !hasWebGl());
  const about = (node: number): string => aboutNode(network, node);
  if (plainly)
    return (
      <PictureView
        wide
        title={title}
        name="network"
        picture={network.picture}
        what="genes"
        order={network.order}
        about={about}
        tip={(node) => <span>{about(node)}</span>}
        onChoose={onChoose}
        caption={caption}
        tools={tools}
        help={HELP}
      />
    );
  return (
    <PlotFrame
      wide
      title={title}
      name="network"
      exportSvg={() => network.picture.svg}
      caption={caption}
      tools={tools}
      help={HELP}
    >
      <OnSigma network={network} title={title} onChoose={onChoose} onFail={() => setPlainly(true)} />
    </PlotFrame>
  );
}

interface SigmaProps extends Omit<NetworkDrawingProps, "caption" | "tools"> {
  readonly onFail: () => void;
}

function OnSigma({ network, title, onChoose, onFail }: SigmaProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<SigmaDrawing | undefined>(undefined);
  const [at, setAt] = useState(-1);
  const theme = useThemeKey();
  useEffect(() => {
    let over = false;
    setAt(-1);
    import("./sigmaDrawing.ts")
      .then(({ drawWithSigma }) => {
        if (!over && box.current !== null)
          drawing.current = drawWithSigma(box.current, network, { onPoint: setAt, onChoose });
      })
      .catch(onFail);
    return () => {
      over = true;
      drawing.current?.end();
      drawing.current = undefined;
    };
  }, [network, theme]);
  useEffect(() => drawing.current?.point(at), [at]);
  const step = (event: KeyboardEvent): void => {
    const { order } = network;
    const now = order.indexOf(at);
    const to: Readonly<Record<string, number>> = {
      ArrowRight: now + 1,
      ArrowDown: now + 1,
      ArrowLeft: now - 1,
      ArrowUp: now - 1,
      Home: 0,
      End: order.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) {
      const node = order[Math.min(order.length - 1, Math.max(0, next))] ?? -1;
      setAt(node);
      if (node >= 0) announce(aboutNode(network, node));
    } else if (event.key === "+" || event.key === "=") drawing.current?.zoom(1.5);
    else if (event.key === "-") drawing.current?.zoom(1 / 1.5);
    else if (event.key === "0") drawing.current?.reset();
    else if (event.key === "Escape") setAt(-1);
    else if ((event.key === "Enter" || event.key === " ") && at >= 0) onChoose(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div
        class="network-box"
        ref={box}
        role="application"
        aria-roledescription="network"
        aria-label={`${title}: ${counted(network.order.length, "gene")}. Arrow keys go through them, the most central first; Enter shows a gene's neighbours; plus, minus and 0 zoom.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its genes are reached by keys
        tabIndex={0}
        onKeyDown={step}
      />
      <div class="network-tools">
        <button
          type="button"
          class="icon small"
          aria-label="Nearer"
          title="Nearer (+)"
          onClick={() => drawing.current?.zoom(1.5)}
        >
          +
        </button>
        <button
          type="button"
          class="icon small"
          aria-label="Farther"
          title="Farther (-)"
          onClick={() => drawing.current?.zoom(1 / 1.5)}
        >
          −
        </button>
        <button
          type="button"
          class="small"
          title="The whole network (0)"
          onClick={() => drawing.current?.reset()}
        >
          Whole
        </button>
      </div>
      <p class="network-note" aria-hidden="true">
        {at < 0 ? "" : aboutNode(network, at)}
      </p>
    </>
  );
}

/** Whether this browser draws with WebGL 2, which sigma needs. */
function hasWebGl(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

/** `ABC1: blue, membership 0.91, 14 partners, the strongest SLC3 (0.31)`. */
export function aboutNode({ graph, labels, colours, neighbours }: DrawnNetwork, node: number): string {
  const { module, membership } = graph.nodes[node]!;
  const list = neighbours[node]!;
  const first = list[0];
  const parts = [
    module === 0 ? "no module" : (colours[module] ?? `module ${module}`),
    Number.isFinite(membership) ? [`membership ${plain(membership, 2)}`] : [],
    `${counted(list.length, "partner")} shown`,
    first === undefined ? [] : [`the strongest ${labels[first.node]} (${plain(first.weight, 2)})`],
  ];
  return `${labels[node]}: ${parts.flat().join(", ")}`;
}
