import { machine } from "../state.ts";
import { Icon } from "./Icon.tsx";
import { Menu } from "./Menu.tsx";
import { BACKEND_NAMES, bytesText } from "./words.ts";

/** What computes here, and why. */
export function MachineMenu() {
  const here = machine.value;
  if (here === undefined) return <span class="chip waiting">Looking at the machine</span>;
  const { adapter, webgl, threads, isolated, chosen, why, storage } = here;
  const gpu =
    chosen === "webgpu" ? adapter?.description : chosen === "webgl" ? webgl?.description : undefined;
  const label =
    gpu === undefined
      ? `${BACKEND_NAMES[chosen]}, ${threadsText(threads)}`
      : `${gpu} · ${BACKEND_NAMES[chosen]}`;
  return (
    <Menu
      class="chip"
      name={`Machine: ${label}`}
      label={
        <>
          <Icon name="chip" />
          <span class="chip-text">{label}</span>
        </>
      }
    >
      <div class="machine">
        <h2>This machine</h2>
        <p>{why}</p>
        <dl class="facts">
          <dt>WebGPU</dt>
          <dd>{deviceText(adapter)}</dd>
          <dt>WebGL</dt>
          <dd>{deviceText(webgl)}</dd>
          <dt>Threads</dt>
          <dd>
            {isolated
              ? `${threads}, sharing memory`
              : `${threads}, each with a copy of the data: this host does not send the headers COOP and COEP, without which a browser lets threads share no memory`}
          </dd>
          <dt>Storage</dt>
          <dd>
            {storage > 0 ? `${bytesText(storage)} for runs and results` : "none: a reload loses the run"}
          </dd>
        </dl>
        <p class="note">Whatever computes, the numbers are the same to the last bit.</p>
      </div>
    </Menu>
  );
}

export function threadsText(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

function deviceText(
  device: { readonly description: string; readonly software: boolean } | undefined,
): string {
  if (device === undefined) return "none";
  return device.software ? `${device.description} (made of software)` : device.description;
}
