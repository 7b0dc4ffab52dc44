import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

export interface SureButtonProps {
  readonly text: string;
  /** What is done then, as a question's answer. */
  readonly sure: string;
  readonly disabled?: boolean;
  readonly onSure: () => void;
}

/** Pressed once it asks, pressed again it does: for what can't be taken back. */
export function SureButton({ text, sure, disabled = false, onSure }: SureButtonProps): JSX.Element {
  const isAsking = useSignal(false);
  if (!isAsking.value)
    return (
      <button type="button" disabled={disabled} onClick={() => (isAsking.value = true)}>
        {text} …
      </button>
    );
  const done = (): void => {
    isAsking.value = false;
    onSure();
  };
  return (
    <span role="group" aria-label={text} class="sure">
      <button type="button" class="bad" onClick={done}>
        {sure}
      </button>
      <button type="button" onClick={() => (isAsking.value = false)}>
        No
      </button>
    </span>
  );
}
