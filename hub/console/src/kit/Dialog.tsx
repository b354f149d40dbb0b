/** A question or a task in front of everything else; Esc and the close button leave it. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import "./dialog.css";

interface Props {
  title: string;
  about?: ComponentChildren;
  stay?: boolean; // only a button may close it: what it shows is shown once
  onClose: () => void;
  footer?: ComponentChildren;
  children?: ComponentChildren;
}

export function Dialog({ title, about, stay, onClose, footer, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close(); // gives the focus back to what opened it
  }, []);

  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault(); // we take it away ourselves, or not at all
        if (!stay) onClose();
      }}
      onClick={(event) => {
        if (!stay && event.target === dialog.current) onClose();
      }}
    >
      <div class="inner">
        <div class="h">
          <h2 id={id}>{title}</h2>
          {about && <p>{about}</p>}
        </div>
        <div class="b">{children}</div>
        {footer && <div class="f">{footer}</div>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  about: string;
  action: string;
  back?: string; // where "Cancel" could be taken for the deed
  busy?: boolean;
  problem?: string;
  onConfirm: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** For what cannot be undone. */
export function Confirm({ title, about, action, back, busy, problem, onConfirm, onClose, children }: ConfirmProps) {
  const footer = (
    <>
      <button type="button" class="btn" onClick={onClose} autofocus>
        {back ?? "Cancel"}
      </button>
      <button type="button" class="btn danger" onClick={onConfirm} disabled={busy}>
        {action}
      </button>
    </>
  );
  return (
    <Dialog title={title} about={about} onClose={onClose} footer={footer}>
      {children}
      {problem && (
        <p class="hint bad" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
