import type { FileRole, UnderstoodFile } from "../../../engine/protocol.ts";
import { removeFile, setRole } from "../../filesGiven.ts";
import { Icon } from "../Icon.tsx";
import { bytesText, ROLE_NAMES } from "../words.ts";

/** What each file is understood as; the guess can be corrected. */
export function FileTable({ files }: { readonly files: readonly UnderstoodFile[] }) {
  return (
    <div class="table given">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Taken as</th>
            <th scope="col">What it holds</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col">
              <span class="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <FileRow key={file.name} file={file} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FileRow({ file }: { readonly file: UnderstoodFile }) {
  const { name, role, bytes, says, problem } = file;
  return (
    <tr class={problem === undefined ? "" : "bad"}>
      <th scope="row">{name}</th>
      <td>
        <select
          value={role}
          aria-label={`What ${name} is`}
          onChange={({ currentTarget }) => void setRole(name, currentTarget.value as FileRole)}
        >
          {Object.entries(ROLE_NAMES).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </td>
      <td>
        {says}
        {problem !== undefined && (
          <p class="problem">
            <Icon name="warn" /> {problem}
          </p>
        )}
      </td>
      <td class="number">{bytesText(bytes)}</td>
      <td>
        <button
          type="button"
          class="quiet icon"
          aria-label={`Leave ${name} out`}
          onClick={() => void removeFile(name)}
        >
          <Icon name="close" />
        </button>
      </td>
    </tr>
  );
}
