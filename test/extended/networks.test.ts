/** `qortex network` on real expression: whole commands, hubs named, and graphs opened by another program. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { builtCommand, describeWithShared, scratchFolder } from "../helpers/extended.ts";

const scratch = scratchFolder();

function network(...words: string[]): string {
  return execFileSync(process.execPath, [builtCommand(), "network", ...words, "--quiet"], {
    encoding: "utf8",
  });
}

async function rows(...path: string[]): Promise<Record<string, unknown>[]> {
  const file = new Uint8Array(readFileSync(join(scratch, ...path))).buffer;
  return parquetReadObjects({ file });
}

/** Debian's Python, where python3-networkx is installed. */
const PYTHON = "/usr/bin/python3";
const hasNetworkx = existsSync(PYTHON) && spawnSync(PYTHON, ["-c", "import networkx"]).status === 0;

describeWithShared("networks of the yeast cross", ["data", "yeast-cross"], (path) => {
  // Genes go by their names there, where they have one.
  const inputs = () => ["--expression", path("trigger_yeast.expression.tsv.gz")];

  test("correlate: all 19 million pairs are answered, and partners are those one expects", async () => {
    const out = join(scratch, "yeast");
    network("correlate", ...inputs(), "--top", "10", "--out", out);
    const genes = await rows("yeast", "genes.parquet");
    expect(genes).toHaveLength(6216);
    expect(genes.every(({ status }) => status === "ok")).toBe(true);
    const pairs = await rows("yeast", "correlations.parquet");
    expect(pairs).toHaveLength(62_160);
    // Genes of one complex or pathway are each other's partners: the cytosolic ribosome, the proteasome, URA3's pathway.
    const partners = (gene: RegExp, partner: RegExp): number => {
      const own = pairs.filter(({ gene: name }) => gene.test(String(name)));
      return own.filter(({ partner: name }) => partner.test(String(name))).length / own.length;
    };
    const ribosome = partners(/^RP[LS]\d/, /^RP[LS]\d/);
    const proteasome = partners(/^(PRE|RPN|RPT)\d/, /^(PRE|RPN|RPT)\d/);
    console.log(
      `yeast: share of partners alike, ribosome ${ribosome.toFixed(3)}, proteasome ${proteasome.toFixed(3)}`,
    );
    expect(ribosome).toBeGreaterThan(0.5);
    expect(proteasome).toBeGreaterThan(0.2);
  });

  test("correlate and communities: the graph files open in networkx as the same graph", async () => {
    const out = join(scratch, "graph");
    network("communities", "--edges", join(scratch, "yeast"), "--out", out);
    const communities = await rows("graph", "communities.parquet");
    const edges = await rows("graph", "edges.parquet");
    expect(communities).toHaveLength(6216);
    // Without networkx: the files are counted by their own syntax.
    const text = (name: string) => readFileSync(join(out, name), "utf8");
    const counted = (name: string, what: RegExp) => text(name).match(what)?.length;
    for (const name of ["network.graphml", "network.gexf"]) {
      expect(counted(name, /<node /g), name).toBe(6216);
      expect(counted(name, /<edge /g), name).toBe(edges.length);
    }
    const { elements } = JSON.parse(text("network.cyjs"));
    expect([elements.nodes.length, elements.edges.length]).toEqual([6216, edges.length]);
    if (!hasNetworkx) {
      console.log(
        "networkx is not here (python3-networkx): the graph files are not opened by another program",
      );
      return;
    }
    const script = join(scratch, "read.py");
    writeFileSync(script, READ);
    const said = execFileSync(PYTHON, [script, out], { encoding: "utf8" }).trim().split("\n");
    expect(said).toHaveLength(3);
    const weights = edges.reduce((sum, edge) => sum + Number(edge["weight"]), 0);
    for (const line of said) {
      const [name, nodes, count, weight, labels, largest] = line.split(" ");
      expect([nodes, count, labels], name!).toEqual(["6216", String(edges.length), "6216"]);
      expect(Math.abs(Number(weight) - weights), name!).toBeLessThan(1e-6 * weights);
      expect(Number(largest), name!).toBe(communities.filter(({ community }) => community === 1).length);
    }
  });

  test("modules: the ribosome is one, and its hub a protein of it", async () => {
    const out = join(scratch, "yeastModules");
    network("modules", ...inputs(), "--network-type", "signed", "--power", "12", "--out", out);
    const genes = await rows("yeastModules", "genes.parquet");
    const modules = await rows("yeastModules", "modules.parquet");
    const ribosomal = genes.filter(({ gene: name }) => /^RP[LS]\d/.test(String(name)));
    const sizes = new Map<unknown, number>();
    for (const { module } of ribosomal) sizes.set(module, (sizes.get(module) ?? 0) + 1);
    const [most] = [...sizes].filter(([label]) => label !== 0).sort((a, b) => b[1] - a[1]);
    const own = modules.find(({ module }) => module === most![0]);
    console.log(
      `yeast: ${modules.length} modules; ${most![1]} of ${ribosomal.length} ribosomal genes in ${own!["color"]} (${own!["genes"]} genes, hub ${own!["hub_gene"]}); hubs ${modules.map((row) => row["hub_gene"]).join(", ")}`,
    );
    expect(most![1] / ribosomal.length).toBeGreaterThan(0.6);
  });
});

/** One line a format: name, nodes, edges, sum of weights, nodes with a label, nodes of community 1. */
const READ = `
import json, sys, xml.etree.ElementTree as tree
import networkx as nx
folder = sys.argv[1]
def gexf(path):
    # networkx 2.8 knows GEXF 1.2; 1.3 differs in its namespace alone for what is used here.
    text = open(path).read().replace("http://gexf.net/1.3", "http://www.gexf.net/1.2draft").replace('version="1.3"', 'version="1.2"')
    open(path + ".12", "w").write(text)
    return nx.read_gexf(path + ".12")
def cyjs(read):
    # networkx's own reader wants a key of its own ("value"), which Cytoscape does not know.
    g = nx.Graph()
    for node in read["elements"]["nodes"]:
        g.add_node(node["data"]["id"], **{k: v for k, v in node["data"].items() if k != "id"})
    for edge in read["elements"]["edges"]:
        assert edge["data"]["source"] in g and edge["data"]["target"] in g
        g.add_edge(edge["data"]["source"], edge["data"]["target"], weight=edge["data"]["weight"])
    return g
graphs = {
    "graphml": nx.read_graphml(folder + "/network.graphml"),
    "gexf": gexf(folder + "/network.gexf"),
    "cyjs": cyjs(json.load(open(folder + "/network.cyjs"))),
}
for name, g in graphs.items():
    weight = sum(d["weight"] for _, _, d in g.edges(data=True))
    labels = sum(1 for _, d in g.nodes(data=True) if d.get("label") or d.get("name"))
    largest = sum(1 for _, d in g.nodes(data=True) if int(d["community"]) == 1)
    print(name, g.number_of_nodes(), g.number_of_edges(), weight, labels, largest)
`;

describeWithShared("networks of mouse liver", ["data", "liver-network"], (path) => {
  test("modules of the tutorial by the command, with its page: 18, their hubs and the trait weight", async () => {
    const out = join(scratch, "liver");
    const choices = "--power 6 --min-module-size 30 --merge-height 0.25 --reassign 0 --pam all".split(" ");
    const expression = path("female_liver.expression.tsv.gz");
    network(
      "modules",
      "--expression",
      expression,
      "--traits",
      path("female_liver.traits.tsv.gz"),
      ...choices,
      "--out",
      out,
    );
    const modules = await rows("liver", "modules.parquet");
    const genes = await rows("liver", "genes.parquet");
    const traits = await rows("liver", "module_traits.parquet");
    const [header, ...lines] = gunzipSync(
      readFileSync(path("FemaleLiver-02-networkConstruction-auto.modules.tsv.gz")),
    )
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(header!.length).toBeGreaterThan(0);
    const known = new Map(lines.map((cells) => [cells[0]!, cells[1]!]));
    expect(genes.filter(({ gene, color }) => known.get(String(gene)) === color)).toHaveLength(3600);
    expect(modules).toHaveLength(18);
    const weight = traits.filter(({ trait }) => /^weight/i.test(String(trait)));
    const [best] = weight.sort((a, b) => Number(a["log10_p"]) - Number(b["log10_p"]));
    console.log(
      `liver: hubs ${modules.map(({ color, hub_gene: hub }) => `${color} ${hub}`).join(", ")}; weight x module ${best!["module"]}, r ${Number(best!["r"]).toFixed(2)}`,
    );
    // The tutorial's own: brown with weight, r 0.59.
    expect(genes.find(({ module }) => module === best!["module"])!["color"]).toBe("brown");
    expect(Number(best!["r"])).toBeCloseTo(0.59, 2);
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("3,600 genes in the order of the tree");
    expect(page.length).toBeLessThan(2_500_000);
  });

  test("correlate: |r| of at least 0.8, and the same pairs with --top where they suffice", async () => {
    const expression = path("female_liver.expression.tsv.gz");
    network("correlate", "--expression", expression, "--min-r", "0.8", "--out", join(scratch, "liverPairs"));
    const words = ["--min-r", "0.8", "--top", "3599", "--out", join(scratch, "liverTop")];
    network("correlate", "--expression", expression, ...words);
    const pairs = await rows("liverPairs", "correlations.parquet");
    const top = await rows("liverTop", "correlations.parquet");
    expect(pairs.length).toBeGreaterThan(1000);
    expect(top).toHaveLength(2 * pairs.length);
  });
});
