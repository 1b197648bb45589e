import type { ComponentChildren } from "preact";
import type { Job } from "../../../engine/protocol.ts";
import { openCohort } from "../../filesGiven.ts";
import {
  BACKENDS,
  defaultJob,
  NETWORK_TYPES,
  type NumberName,
  numberProblem,
  numberText,
  parsedNumber,
  TRANSFORMS,
} from "../../jobOptions.ts";
import { filters, job, machine } from "../../state.ts";
import { BACKEND_NAMES } from "../words.ts";

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
            unit="of each gene; none by default, 1000 is usual"
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

/** The cohort is another one then. */
function refilter(options: Partial<typeof filters.value>): void {
  filters.value = { ...filters.peek(), ...options };
  void openCohort();
}

interface NumberProps {
  readonly name: NumberName;
  readonly label: string;
  /** The command line's name of it. */
  readonly option: string;
  readonly unit: string;
  readonly value: number | undefined;
  readonly set: (value: number) => void;
  /** What an empty field means; without it an empty field is wrong. */
  readonly clear?: () => void;
}

function NumberField({ name, label, option, unit, value, set, clear }: NumberProps) {
  return (
    <div class="field">
      <label for={`option-${name}`}>
        {label}
        <code>{option}</code>
      </label>
      <input
        id={`option-${name}`}
        type="text"
        inputMode="decimal"
        value={value === undefined ? "" : numberText(name, value)}
        aria-describedby={`unit-${name}`}
        onChange={({ currentTarget }) => {
          const text = currentTarget.value.replaceAll(",", "").trim();
          if (text === "" && clear !== undefined) {
            currentTarget.setCustomValidity("");
            clear();
            return;
          }
          const number = parsedNumber(name, text);
          const problem = numberProblem(name, number);
          currentTarget.setCustomValidity(problem ?? "");
          if (problem === undefined) set(number);
          else currentTarget.reportValidity();
        }}
      />
      <span class="note" id={`unit-${name}`}>
        {unit}
      </span>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly option: string;
  readonly value: T;
  readonly options: readonly T[];
  readonly text?: (option: T) => string;
  readonly set: (option: T) => void;
  readonly children?: ComponentChildren;
}

function Choice<T extends string>({
  label,
  option: named,
  value,
  options,
  text = (option) => option,
  set,
  children,
}: ChoiceProps<T>) {
  const id = `option-${label.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <div class="field">
      <label for={id}>
        {label}
        <code>{named}</code>
      </label>
      <select id={id} value={value} onChange={({ currentTarget }) => set(currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {text(option)}
          </option>
        ))}
      </select>
      {children}
    </div>
  );
}
