import { UndirectedGraph } from "graphology";
import Sigma from "sigma";
import type { DrawnNetwork } from "./drawnNetwork.ts";
import { pageColour } from "./useThemeKey.ts";

/** A network on WebGL by sigma, at the places of the picture. Loaded on demand: this file alone knows sigma and graphology. */

export interface SigmaDrawing {
  /** Shows a node as the one under the pointer or the keys; -1 is none. */
  point(node: number): void;
  zoom(by: number): void;
  reset(): void;
  end(): void;
}

export interface SigmaEvents {
  readonly onPoint: (node: number) => void;
  readonly onChoose: (node: number) => void;
}

export function drawWithSigma(
  box: HTMLElement,
  network: DrawnNetwork,
  { onPoint, onChoose }: SigmaEvents,
): SigmaDrawing {
  const { graph: data, picture, labels, colours, order, focus } = network;
  const [ink, paper, muted, accent] = ["ink", "paper", "muted", "accent"].map(pageColour) as [
    string,
    string,
    string,
    string,
  ];
  const graph = new UndirectedGraph();
  const most = Math.max(
    ...order.map((node) => Math.abs(data.nodes[node]!.membership) || 0),
    Number.MIN_VALUE,
  );
  for (const node of order) {
    const { module, membership } = data.nodes[node]!;
    graph.addNode(String(node), {
      ...{ x: picture.x[node]!, y: -picture.y[node]!, label: labels[node]! },
      size: 4 + 8 * Math.sqrt((Math.abs(membership) || 0) / most),
      color: node === focus ? accent : visible(colours[module] ?? pageColour("mid"), paper, ink),
      forceLabel: node === focus,
    });
  }
  const top = data.weight.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), Number.MIN_VALUE);
  data.weight.forEach((value, e) => {
    const [a, b] = [String(data.from[e]), String(data.to[e])];
    if (a === b || !graph.hasNode(a) || !graph.hasNode(b) || graph.hasEdge(a, b)) return;
    const strength = Math.abs(value) / top;
    graph.addEdge(a, b, {
      size: 0.6 + 1.6 * strength,
      color: mixed(value < 0 ? accent : muted, paper, 0.25 + 0.6 * strength),
    });
  });
  let pointed = -1;
  const near = new Set<string>();
  const sigma = new Sigma(graph, box, {
    ...{ labelColor: { color: ink }, labelSize: 12, labelFont: getComputedStyle(document.body).fontFamily },
    ...{
      labelRenderedSizeThreshold: 7,
      labelDensity: 0.8,
      zIndex: true,
      minCameraRatio: 0.08,
      maxCameraRatio: 4,
    },
    // A box that is not shown yet, or no more, has no width: sigma draws when it has.
    allowInvalidContainer: true,
    defaultDrawNodeHover: (context, node) => {
      context.beginPath();
      context.arc(node.x, node.y, node.size + 3, 0, 2 * Math.PI);
      context.lineWidth = 2.5;
      context.strokeStyle = accent;
      context.stroke();
      context.font = `600 13px ${getComputedStyle(document.body).fontFamily}`;
      context.lineWidth = 4;
      context.lineJoin = "round";
      context.strokeStyle = paper;
      context.strokeText(node.label ?? "", node.x + node.size + 6, node.y + 4);
      context.fillStyle = ink;
      context.fillText(node.label ?? "", node.x + node.size + 6, node.y + 4);
    },
    // What is not joined to the node that is pointed at steps back.
    nodeReducer: (node, attributes) =>
      pointed < 0 || node === String(pointed) || near.has(node)
        ? {
            ...attributes,
            highlighted: node === String(pointed),
            forceLabel: attributes["forceLabel"] === true || near.has(node),
          }
        : { ...attributes, color: mixed(muted, paper, 0.3), label: "" },
    edgeReducer: (edge, attributes) =>
      pointed < 0 || graph.hasExtremity(edge, String(pointed)) ? attributes : { ...attributes, hidden: true },
  });
  const point = (node: number): void => {
    if (node === pointed) return;
    pointed = node;
    near.clear();
    if (node >= 0 && graph.hasNode(String(node)))
      for (const other of graph.neighbors(String(node))) near.add(other);
    sigma.refresh({ skipIndexation: true });
  };
  sigma.on("enterNode", ({ node }) => onPoint(Number(node)));
  sigma.on("leaveNode", () => onPoint(-1));
  sigma.on("clickNode", ({ node }) => onChoose(Number(node)));
  const camera = sigma.getCamera();
  const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 200;
  return {
    point,
    zoom: (by) => void camera.animate({ ratio: camera.ratio / by }, { duration }),
    reset: () => void camera.animatedReset({ duration }),
    end: () => sigma.kill(),
  };
}

/** Any colour as CSS writes it, in the form that WebGL's programs read. */
function hex(colour: string): string {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return colour;
  context.fillStyle = colour;
  return context.fillStyle;
}

/** The least contrast of a circle with what it lies on. */
const LEAST_CONTRAST = 2;

/** A module's colour, with as much ink as it takes to be seen on paper: WGCNA's yellow in daylight, its black at night. */
function visible(colour: string, paper: string, ink: string): string {
  for (let share = 1; share > 0.3; share -= 0.1) {
    const shown = mixed(colour, ink, share);
    if (contrast(shown, paper) >= LEAST_CONTRAST) return shown;
  }
  return mixed(colour, ink, 0.3);
}

/** The ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const value = Number.parseInt(hex(colour).slice(1), 16);
  const linear = (shift: number): number => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
}

/** `share` of one colour in another. */
function mixed(colour: string, other: string, share: number): string {
  const [a, b] = [hex(colour), hex(other)].map((text) => Number.parseInt(text.slice(1), 16)) as [
    number,
    number,
  ];
  const part = (shift: number) =>
    Math.round(((a >> shift) & 255) * share + ((b >> shift) & 255) * (1 - share));
  return `#${[16, 8, 0].map((shift) => part(shift).toString(16).padStart(2, "0")).join("")}`;
}
