import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NUMBERS, type NumberName, numberProblem, numberText, parsedNumber } from "../../jobOptions.ts";
import { setNumberWrong } from "./numbersWrong.ts";

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

/** A number as people write it. A wrong one stays as it was typed, with what is allowed beside it, and nothing starts until it is right. */
export function NumberField({ name, label, option, unit, value, set, clear }: NumberProps) {
  /** What is typed and not taken: wrong, or not yet left. */
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const isEmpty = (text: string): boolean => text.trim() === "" && clear !== undefined;
  const isWrong = (text: string | undefined): boolean =>
    text !== undefined && !isEmpty(text) && numberProblem(name, parsedNumber(name, text)) !== undefined;
  const wrong = isWrong(typed);
  const hold = (text: string | undefined): void => {
    setTyped(text);
    setNumberWrong(name, isWrong(text));
  };
  // Set from elsewhere (the address, a saved view), or gone with its job: what was typed counts no more.
  useEffect(() => {
    hold(undefined);
    return () => setNumberWrong(name, false);
  }, [name, value]);
  const take = (text: string): void => {
    const wrongly = isWrong(text);
    hold(wrongly ? text : undefined);
    if (wrongly) return;
    if (isEmpty(text)) clear?.();
    else set(parsedNumber(name, text));
  };
  const { allowed } = NUMBERS[name];
  return (
    <div class={`field${wrong ? " wrong" : ""}`}>
      <label for={`option-${name}`}>
        {label}
        <code>{option}</code>
      </label>
      <input
        id={`option-${name}`}
        type="text"
        inputMode="text"
        autocomplete="off"
        spellcheck={false}
        value={typed ?? (value === undefined ? "" : numberText(name, value))}
        aria-invalid={wrong}
        aria-describedby={`unit-${name}`}
        onInput={({ currentTarget }) => hold(currentTarget.value)}
        onChange={({ currentTarget }) => take(currentTarget.value)}
      />
      <span class="note" id={`unit-${name}`} role={wrong ? "alert" : undefined}>
        {wrong ? `Allowed: ${allowed}` : unit}
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

export function Choice<T extends string>({
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
