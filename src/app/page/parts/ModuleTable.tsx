import { count } from "../../../report/numbers.ts";
import type { ModuleColumns } from "../../engine/protocol.ts";

export interface ModuleTableProps {
  readonly modules: ModuleColumns;
  readonly symbols: ReadonlyMap<string, string>;
  /** undefined while a gene's neighbours are shown. */
  readonly chosen: number | undefined;
  readonly onModule: (module: number) => void;
  readonly onGene: (gene: string) => void;
}

/** The modules with their sizes and hubs; genes without a module stand last. */
export function ModuleTable({ modules, symbols, chosen, onModule, onGene }: ModuleTableProps) {
  const { sizes, colours, hubs } = modules;
  const rows = [...sizes.keys()].filter((module) => module > 0 && sizes[module]! > 0);
  return (
    <section class="panel modules" aria-label="Modules">
      <h3>Modules</h3>
      <table class="tight">
        <thead>
          <tr>
            <th scope="col">Module</th>
            <th scope="col" class="number">
              Genes
            </th>
            <th scope="col">Hub</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((module) => {
            const hub = hubs[module] ?? "";
            return (
              <tr key={module} aria-current={module === chosen ? "true" : undefined}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={module === chosen}
                    onClick={() => onModule(module)}
                  >
                    <span class="swatch" style={{ background: colours[module] }} aria-hidden="true" />
                    {module} {colours[module] ?? ""}
                  </button>
                </th>
                <td class="number">{count(sizes[module]!)}</td>
                <td>
                  {hub !== "" && (
                    <button type="button" class="link" onClick={() => onGene(hub)}>
                      {symbols.get(hub) || hub}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="note">{count(sizes[0] ?? 0)} genes are in no module.</p>
    </section>
  );
}
