import { useMemo, useState } from "preact/hooks";
import { counted } from "../../../report/numbers.ts";
import type { ModuleColumns, NetworkGraph } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { drawnNetwork, symbolsOf } from "../parts/drawnNetwork.ts";
import { ModuleTable } from "../parts/ModuleTable.tsx";
import { NetworkDrawing } from "../parts/NetworkDrawing.tsx";
import { NodeTable } from "../parts/NodeTable.tsx";
import { ofResult } from "../parts/resultAnswers.ts";
import { useAnswer } from "../parts/useAnswer.ts";
import { result, select, selection, setSetting, setting } from "../state.ts";

/** Edges that are drawn at most. */
const MOST_EDGES = 1_200;

/** Modules, their hubs, and the neighbours of a gene. */
export default function Network() {
  const id = result.value?.id;
  const { value: modules, error, waiting } = useAnswer(() => ofResult("modules"), [id]);
  const { value: genes } = useAnswer(() => ofResult("genes").catch(() => undefined), [id]);
  const symbols = useMemo(() => symbolsOf(genes), [genes]);
  if (id === undefined) return <p class="empty">No result is open.</p>;
  if (error !== undefined) return <p class="empty">{error.message}</p>;
  if (modules === undefined)
    return waiting ? (
      <p class="loading">Reading the modules</p>
    ) : (
      <p class="empty">This result has no modules.</p>
    );
  return <Modules id={id} modules={modules} symbols={symbols} />;
}

interface ModulesProps {
  /** Of the result. */
  readonly id: string;
  readonly modules: ModuleColumns;
  readonly symbols: ReadonlyMap<string, string>;
}

function Modules({ id, modules, symbols }: ModulesProps) {
  const largest = useMemo(() => largestModule(modules), [modules]);
  const focus = setting("network.of") === "gene" ? selection.value.gene : undefined;
  const module = selection.value.module ?? largest;
  const measure = setting("network.edges") === "correlation" ? "correlation" : undefined;
  const { value: graph, error } = useAnswer(
    () => engine.graph({ ...(focus === undefined ? { module } : { gene: focus }), measure }, MOST_EDGES),
    [id, focus, module, measure],
  );
  const name =
    focus === undefined
      ? `Module ${module} ${modules.colours[module] ?? ""}`.trim()
      : `Neighbours of ${symbols.get(focus) || focus}`;
  const network = useMemo(
    () =>
      graph &&
      drawnNetwork(graph, symbols, {
        colours: modules.colours,
        focus: focus ?? selection.value.gene,
        title: name,
      }),
    [graph, symbols, modules, focus, name],
  );
  const showGene = (gene: string): void => {
    setSetting("network.of", "gene");
    select({ gene });
  };
  const showModule = (next: number): void => {
    setSetting("network.of", "");
    select({ module: next });
  };
  return (
    <>
      <div class="view-head row">
        <h1>{name}</h1>
        <p class="note">
          {graph &&
            `${counted(graph.nodes.length, "gene")}, the ${counted(graph.weight.length, "strongest edge", "strongest edges")} by ${graph.measure}`}
        </p>
        <GeneSearch modules={modules} symbols={symbols} onGene={showGene} />
      </div>
      <h2 class="visually-hidden">Modules, and the network of the one that is chosen</h2>
      <div class="network-view">
        <ModuleTable
          modules={modules}
          symbols={symbols}
          chosen={focus === undefined ? module : undefined}
          onModule={showModule}
          onGene={showGene}
        />
        <div class="figures">
          {error !== undefined && <p class="empty wide">{error.message}</p>}
          {network === undefined && error === undefined && <p class="loading wide">Reading the network</p>}
          {network !== undefined && (
            <>
              <NetworkDrawing
                network={network}
                title={name}
                caption={`${network.graph.says} ${signText(network.graph)}${captionOf(network.order.length, network.graph.nodes.length)}`}
                tools={<EdgeSwitch {...network.graph} />}
                onChoose={(node) => showGene(network.graph.nodes[node]!.gene)}
              />
              <NodeTable key={name} network={network} onGene={showGene} />
            </>
          )}
        </div>
      </div>
    </>
  );
}

/** What edges are, where there is a choice. */
function EdgeSwitch({ measure, measures }: Pick<NetworkGraph, "measure" | "measures">) {
  if (measures.length < 2) return null;
  return (
    <fieldset class="group" aria-label="What edges are">
      {measures.map((one) => (
        <button
          key={one}
          type="button"
          class="small"
          aria-pressed={one === measure}
          onClick={() => setSetting("network.edges", one === "correlation" ? one : "")}
        >
          {one === "correlation" ? "Correlation" : "Topological overlap"}
        </button>
      ))}
    </fieldset>
  );
}

function signText({ weight }: NetworkGraph): string {
  return weight.some((value) => value < 0) ? "Negative ones are orange. " : "";
}

function captionOf(drawn: number, all: number): string {
  const left =
    all > drawn ? `Drawn are the ${counted(drawn, "gene")} nearest to the heart of the module. ` : "";
  return `${left}Colours are the modules', larger circles are genes nearer to their module's heart. The table below says the same in words.`;
}

function largestModule({ sizes }: ModuleColumns): number {
  let best = 0;
  for (let module = 1; module < sizes.length; module++) {
    if (best === 0 || sizes[module]! > sizes[best]!) best = module;
  }
  return best;
}

interface SearchProps extends Omit<ModulesProps, "id"> {
  readonly onGene: (gene: string) => void;
}

const MOST_OFFERED = 12;

/** A gene by its name or id. */
function GeneSearch({ modules, symbols, onGene }: SearchProps) {
  const [text, setText] = useState("");
  const found = useMemo(() => searched(modules, symbols, text), [modules, symbols, text]);
  const wrong = text.trim() !== "" && found.length === 0;
  return (
    <form
      class="end network-search"
      onSubmit={(event) => {
        event.preventDefault();
        const [first] = found;
        if (first !== undefined) onGene(first);
      }}
    >
      <label>
        <span class="visually-hidden">Find a gene of the network</span>
        <input
          type="search"
          list="network-genes"
          placeholder="Find a gene"
          value={text}
          aria-invalid={wrong}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <datalist id="network-genes">
        {found.slice(0, MOST_OFFERED).map((gene) => (
          <option key={gene} value={symbols.get(gene) || gene} />
        ))}
      </datalist>
      <button type="submit" class="small" disabled={found.length === 0}>
        Neighbours
      </button>
    </form>
  );
}

/** Genes whose name or id begins with the text, then those that hold it; a whole name first. */
function searched({ gene }: ModuleColumns, symbols: ReadonlyMap<string, string>, text: string): string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const rank = (id: string): number => {
    const names = [id, symbols.get(id) ?? ""].map((name) => name.toLowerCase());
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    return names.some((name) => name.includes(wanted)) ? 2 : 3;
  };
  return gene
    .map((id) => ({ id, rank: rank(id) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ id }) => id);
}
