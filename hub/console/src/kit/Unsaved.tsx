/** Changes that are not saved yet: the buttons for them, and a warning before the page is left. */

import { useEffect } from "preact/hooks";

interface Props {
  busy: boolean;
  discard: () => void;
  form?: string; // its id, where the buttons stand outside it
  save?: string;
}

export function Unsaved({ busy, discard, form, save = "Save" }: Props) {
  return (
    <>
      <span class="muted not-phone">Unsaved</span>
      <button type="button" class="btn" onClick={discard}>
        Discard
      </button>
      <button type="submit" form={form} class="btn primary" disabled={busy}>
        {save}
      </button>
    </>
  );
}

export function useUnsavedWarning(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [dirty]);
}
