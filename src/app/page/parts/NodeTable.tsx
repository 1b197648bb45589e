import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { count, counted, plain } from "../../../report/numbers.ts";
import type { DrawnNetwork } from "./drawnNetwork.ts";
import { ShowMore } from "./ShowMore.tsx";

export interface NodeTableProps {
  readonly network: DrawnNetwork;
  readonly onGene: (gene: string) => void;
}

const PAGE = 25;
const PARTNERS = 4;

/** What the network shows, in words: its genes with their partners, the most central first. */
export function NodeTable({ network, onGene }: NodeTableProps) {
  const { graph, labels, colours, order, neighbours } = network;
  const [shown, setShown] = useState(PAGE);
  const gene = (node: number, text = labels[node]) => (
    <button type="button" class="link" onClick={() => onGene(graph.nodes[node]!.gene)}>
      {text}
    </button>
  );
  return (
    <section class="panel wide" aria-label="Genes of the network">
      <h3>Genes of the network</h3>
      <div class="table">
        <table class="tight">
          <caption class="visually-hidden">{counted(order.length, "gene")}, the most central first</caption>
          <thead>
            <tr>
              <th scope="col">Gene</th>
              <th scope="col">Module</th>
              <th scope="col" class="number">
                Membership
              </th>
              <th scope="col" class="number">
                Partners shown
              </th>
              <th scope="col">Strongest partners ({graph.measure})</th>
            </tr>
          </thead>
          <tbody>
            {order.slice(0, shown).map((node) => {
              const { module, membership } = graph.nodes[node]!;
              return (
                <tr key={node} aria-current={node === network.focus ? "true" : undefined}>
                  <th scope="row">{gene(node)}</th>
                  <td class="module">
                    <span class="swatch" style={{ background: colours[module] }} aria-hidden="true" />
                    {module === 0 ? "none" : (colours[module] ?? module)}
                  </td>
                  <td class="number">{Number.isFinite(membership) ? plain(membership, 2) : "–"}</td>
                  <td class="number">{count(neighbours[node]!.length)}</td>
                  <td>
                    {neighbours[node]!.slice(0, PARTNERS).map((other, i) => (
                      <Fragment key={other.node}>
                        {i > 0 && ", "}
                        {gene(other.node)} <span class="note">{plain(other.weight, 2)}</span>
                      </Fragment>
                    ))}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <ShowMore shown={shown} of={order.length} more={() => setShown(shown + 100)} />
    </section>
  );
}
