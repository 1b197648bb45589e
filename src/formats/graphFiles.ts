/** Graphs as the programs people look at them with read them: GraphML, GEXF, Cytoscape's JSON. */

/** A property of nodes or edges: one value each. `NaN` is written as no value. */
export interface GraphAttribute {
  readonly name: string;
  readonly type: "string" | "double" | "integer";
  readonly values: ArrayLike<string | number>;
}

export interface GraphTable {
  readonly name: string;
  /** Ids of the nodes, each once. */
  readonly ids: readonly string[];
  /** What nodes are called where ids are not to be read: symbols. */
  readonly labels: readonly string[];
  readonly nodeAttributes: readonly GraphAttribute[];
  /** Numbers of nodes. */
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
}

/** `text` within XML 1.0, in text and quoted attributes; characters that XML cannot hold are dropped. */
function xml(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isMissing(value: string | number): boolean {
  return value === "" || (typeof value === "number" && !Number.isFinite(value));
}

/** GraphML (Brandes et al. 2002): igraph, networkx, Cytoscape, yEd. Undirected. */
export function graphMl({ name, ids, labels, nodeAttributes, first, second, weight }: GraphTable): string {
  const types = { string: "string", double: "double", integer: "int" } as const;
  const keys = nodeAttributes.map(
    (one, k) => `<key id="n${k}" for="node" attr.name="${xml(one.name)}" attr.type="${types[one.type]}"/>`,
  );
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    '<key id="label" for="node" attr.name="label" attr.type="string"/>',
    ...keys,
    '<key id="weight" for="edge" attr.name="weight" attr.type="double"/>',
    `<graph id="${xml(name)}" edgedefault="undirected">`,
  ];
  ids.forEach((id, v) => {
    const data = nodeAttributes.flatMap(({ values }, k) =>
      isMissing(values[v]!) ? [] : [`<data key="n${k}">${xml(String(values[v]))}</data>`],
    );
    lines.push(`<node id="${xml(id)}"><data key="label">${xml(labels[v]!)}</data>${data.join("")}</node>`);
  });
  for (let e = 0; e < first.length; e++) {
    const ends = `source="${xml(ids[first[e]!]!)}" target="${xml(ids[second[e]!]!)}"`;
    lines.push(`<edge id="e${e}" ${ends}><data key="weight">${weight[e]}</data></edge>`);
  }
  return `${[...lines, "</graph>", "</graphml>"].join("\n")}\n`;
}

/** GEXF 1.3: Gephi, sigma. Undirected. */
export function gexf({ ids, labels, nodeAttributes, first, second, weight }: GraphTable): string {
  const attributes = nodeAttributes.map(
    (one, k) => `<attribute id="${k}" title="${xml(one.name)}" type="${one.type}"/>`,
  );
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    '<graph defaultedgetype="undirected" mode="static">',
    `<attributes class="node">${attributes.join("")}</attributes>`,
    "<nodes>",
  ];
  ids.forEach((id, v) => {
    const values = nodeAttributes.flatMap((one, k) =>
      isMissing(one.values[v]!) ? [] : [`<attvalue for="${k}" value="${xml(String(one.values[v]))}"/>`],
    );
    const inside = values.length === 0 ? "" : `<attvalues>${values.join("")}</attvalues>`;
    lines.push(`<node id="${xml(id)}" label="${xml(labels[v]!)}">${inside}</node>`);
  });
  lines.push("</nodes>", "<edges>");
  for (let e = 0; e < first.length; e++) {
    const ends = `source="${xml(ids[first[e]!]!)}" target="${xml(ids[second[e]!]!)}"`;
    lines.push(`<edge id="${e}" ${ends} weight="${weight[e]}"/>`);
  }
  return `${[...lines, "</edges>", "</graph>", "</gexf>"].join("\n")}\n`;
}

/** Cytoscape's JSON (.cyjs): Cytoscape (File, Import, Network) and cytoscape.js. */
export function cytoscapeJson({
  name,
  ids,
  labels,
  nodeAttributes,
  first,
  second,
  weight,
}: GraphTable): string {
  const nodes = ids.map((id, v) => {
    const own = nodeAttributes.flatMap((one): [string, string | number][] =>
      isMissing(one.values[v]!) ? [] : [[one.name, one.values[v]!]],
    );
    return JSON.stringify({ data: { id, name: labels[v]!, ...Object.fromEntries(own) } });
  });
  const edges = Array.from({ length: first.length }, (_, e) =>
    JSON.stringify({
      data: { id: `e${e}`, source: ids[first[e]!]!, target: ids[second[e]!]!, weight: weight[e]! },
    }),
  );
  const head = `"format_version":"1.0","generated_by":"qortex","data":{"name":${JSON.stringify(name)}}`;
  return `{${head},\n"elements":{"nodes":[\n${nodes.join(",\n")}\n],"edges":[\n${edges.join(",\n")}\n]}}\n`;
}
