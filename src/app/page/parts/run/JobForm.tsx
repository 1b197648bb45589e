import type { ComponentChildren } from "preact";
import type { Job } from "../../../engine/protocol.ts";
import { openCohort } from "../../filesGiven.ts";
import {
  BACKENDS,
  defaultJob,
  NETWORK_TYPES,
  type NumberName,
  numberProblem,
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
          <label key={kind} class={current.kind === kind ? "chosen" : ""}>
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
            unit="bases on either side"
            value={current.window}
            set={(window) => change({ window })}
          />
          <NumberField
            name="permutations"
            label="Permutations"
            unit="per gene; 0 for none, 1,000 is usual"
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
            unit="pairs above it are not kept"
            value={current.pValue}
            set={(pValue) => change({ pValue })}
          />
          <NumberField
            name="distance"
            label="Distance"
            unit="bases: nearer pairs are left to cis"
            value={current.distance}
            set={(distance) => change({ distance })}
          />
        </>
      )}
      {current.kind === "network" && (
        <>
          <Choice
            label="Network type"
            value={current.type}
            options={NETWORK_TYPES}
            set={(type) => change({ type })}
          />
          <NumberField
            name="minModuleSize"
            label="Smallest module"
            unit="genes"
            value={current.minModuleSize}
            set={(minModuleSize) => change({ minModuleSize })}
          />
          <NumberField
            name="power"
            label="Power"
            unit="empty: by the scale-free fit"
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
          unit="least minor allele frequency"
          value={filters.value.maf}
          set={(maf) => refilter({ maf })}
        />
      )}
      <Choice
        label="Transform"
        value={filters.value.transform}
        options={TRANSFORMS}
        set={(transform) => refilter({ transform })}
      />
      <NumberField
        name="seed"
        label="Seed"
        unit="of permutations and samples"
        value={current.seed}
        set={(seed) => change({ seed })}
      />
      <Choice
        label="Computed by"
        value={current.backend}
        options={BACKENDS}
        text={(name) => (name === "auto" ? "the fastest here" : BACKEND_NAMES[name])}
        set={(backend) => change({ backend })}
      >
        {machine.value?.why}
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
  readonly unit: string;
  readonly value: number | undefined;
  readonly set: (value: number) => void;
  /** What an empty field means; without it an empty field is wrong. */
  readonly clear?: () => void;
}

function NumberField({ name, label, unit, value, set, clear }: NumberProps) {
  return (
    <div class="field">
      <label for={`option-${name}`}>{label}</label>
      <input
        id={`option-${name}`}
        type="text"
        inputMode="decimal"
        value={value === undefined ? "" : String(value)}
        aria-describedby={`unit-${name}`}
        onChange={({ currentTarget }) => {
          const text = currentTarget.value.replaceAll(",", "").trim();
          if (text === "" && clear !== undefined) {
            currentTarget.setCustomValidity("");
            clear();
            return;
          }
          const problem = text === "" ? "a number is wanted" : numberProblem(name, Number(text));
          currentTarget.setCustomValidity(problem ?? "");
          if (problem === undefined) set(Number(text));
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
  readonly value: T;
  readonly options: readonly T[];
  readonly text?: (option: T) => string;
  readonly set: (option: T) => void;
  readonly children?: ComponentChildren;
}

function Choice<T extends string>({
  label,
  value,
  options,
  text = (option) => option,
  set,
  children,
}: ChoiceProps<T>) {
  const id = `option-${label.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => set(currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {text(option)}
          </option>
        ))}
      </select>
      {children !== undefined && <span class="note why">{children}</span>}
    </div>
  );
}
