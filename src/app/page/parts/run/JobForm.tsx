import type { Job } from "../../../engine/protocol.ts";
import { BACKENDS, defaultJob, NETWORK_TYPES, TRANSFORMS } from "../../jobOptions.ts";
import { filters, job, machine } from "../../state.ts";
import { BACKEND_NAMES } from "../words.ts";
import { Choice, NumberField } from "./fields.tsx";

const KINDS: readonly { readonly kind: Job["kind"]; readonly title: string; readonly about: string }[] = [
  { kind: "cis", title: "cis map", about: "every variant near every gene" },
  { kind: "trans", title: "trans map", about: "all variants with all genes far away" },
  { kind: "network", title: "Network", about: "modules of co-expressed genes" },
];

/** The job and its options, by the command line's names. */
export function JobForm() {
  const current = job.value;
  return (
    <form class="panel job" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="kinds">
        <legend>What to map</legend>
        {KINDS.map(({ kind, title, about }) => (
          <label key={kind} class={current.kind === kind ? "picked" : ""}>
            <input
              type="radio"
              name="kind"
              checked={current.kind === kind}
              onChange={() => {
                job.value = { ...defaultJob(kind), backend: current.backend, seed: current.seed };
              }}
            />
            <strong>{title}</strong>
            <span class="note">{about}</span>
          </label>
        ))}
      </fieldset>
      {current.kind === "cis" && (
        <>
          <NumberField
            name="window"
            label="Window"
            option="--window"
            unit="on either side of the gene; 1Mb by default"
            value={current.window}
            set={(window) => change({ window })}
          />
          <NumberField
            name="permutations"
            label="Permutations"
            option="--permutations"
            unit="of each gene; 0: none, 1000 is usual"
            value={current.permutations}
            set={(permutations) => change({ permutations })}
          />
        </>
      )}
      {current.kind === "trans" && (
        <>
          <NumberField
            name="pValue"
            label="p-value"
            option="--p-value"
            unit="the largest that is written; 1e-5 by default"
            value={current.pValue}
            set={(pValue) => change({ pValue })}
          />
          <NumberField
            name="distance"
            label="Distance"
            option="--distance"
            unit="nearer pairs are left to cis; 5Mb by default"
            value={current.distance}
            set={(distance) => change({ distance })}
          />
        </>
      )}
      {current.kind === "network" && (
        <>
          <Choice
            label="Network type"
            option="--network-type"
            value={current.type}
            options={NETWORK_TYPES}
            set={(type) => change({ type })}
          />
          <NumberField
            name="minModuleSize"
            label="Smallest module"
            option="--min-module-size"
            unit="genes; 20 by default"
            value={current.minModuleSize}
            set={(minModuleSize) => change({ minModuleSize })}
          />
          <NumberField
            name="power"
            label="Power"
            option="--power"
            unit="empty: the first that is scale-free"
            value={current.power}
            set={(power) => change({ power })}
            clear={() => change({ power: undefined })}
          />
        </>
      )}
      {current.kind !== "network" && (
        <NumberField
          name="maf"
          label="MAF"
          option="--maf"
          unit="least minor allele frequency; 0.01 by default"
          value={filters.value.maf}
          set={(maf) => refilter({ maf })}
        />
      )}
      <Choice
        label="Transform"
        option="--transform"
        value={filters.value.transform}
        options={TRANSFORMS}
        set={(transform) => refilter({ transform })}
      />
      <NumberField
        name="seed"
        label="Seed"
        option="--seed"
        unit="of permutations and of the null sample; 1 by default"
        value={current.seed}
        set={(seed) => change({ seed })}
      />
      <Choice
        label="Computed by"
        option="--backend"
        value={current.backend}
        options={BACKENDS}
        text={(name) => (name === "auto" ? "the fastest here" : BACKEND_NAMES[name])}
        set={(backend) => change({ backend })}
      >
        <details class="why">
          <summary>On this machine</summary>
          <p class="note">{machine.value?.why}</p>
        </details>
      </Choice>
    </form>
  );
}

function change(options: object): void {
  job.value = { ...job.peek(), ...options } as Job;
}

/** The cohort is another one then: the run view opens it. */
function refilter(options: Partial<typeof filters.value>): void {
  filters.value = { ...filters.peek(), ...options };
}
