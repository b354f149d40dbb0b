/** A button that opens something beside it: in the top layer, closed by Esc or a click elsewhere. */

import type { ComponentChildren, TargetedKeyboardEvent, TargetedToggleEvent } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import "./popover.css";

interface Props {
  button: ComponentChildren;
  label?: string; // of the button, where its text does not say it
  class?: string;
  align?: "start" | "end";
  title?: string;
  panel?: string; // class of what opens
  role?: "menu" | "dialog";
  panelLabel?: string;
  children: (close: () => void) => ComponentChildren;
}

const GAP = 4;
const EDGE = 8;

export function Popover(props: Props) {
  const { button, label, align = "start", role = "menu" } = props;
  const anchor = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();

  const close = (): void => {
    panel.current?.hidePopover();
    anchor.current?.focus();
  };
  const onToggle = (event: TargetedToggleEvent<HTMLDivElement>): void => {
    setOpen(event.newState === "open");
  };
  useLayoutEffect(() => {
    if (!open) return;
    const [beside, shown] = [anchor.current!, panel.current!];
    const resized = new ResizeObserver(() => settle(beside, shown, align)); // it may grow while it loads
    resized.observe(shown);
    settle(beside, shown, align);
    firstThing(shown)?.focus();
    return () => resized.disconnect();
  }, [open]);

  return (
    <>
      <button
        ref={anchor}
        type="button"
        class={props.class ?? "btn"}
        aria-label={label}
        title={props.title}
        aria-haspopup={role}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        popovertarget={id}
      >
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        class={`pop ${props.panel ?? ""}`}
        role={role}
        aria-label={props.panelLabel ?? label}
        onToggle={onToggle}
        onKeyDown={role === "menu" ? moveInMenu : undefined}
      >
        {open && props.children(close)}
      </div>
    </>
  );
}

/** Puts the panel beside its button: below, or above where there is no room, and on the screen. */
function settle(anchor: HTMLElement, panel: HTMLElement, align: "start" | "end"): void {
  const beside = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const atLeft = (align === "start") !== (getComputedStyle(anchor).direction === "rtl");
  const x = atLeft ? beside.left : beside.right - width;
  const below = beside.bottom + GAP;
  const y = below + height > innerHeight - EDGE ? beside.top - GAP - height : below;
  panel.style.left = `${clamp(x, innerWidth - width)}px`;
  panel.style.top = `${clamp(y, innerHeight - height)}px`;
}

const firstThing = (panel: HTMLElement): HTMLElement | null =>
  panel.querySelector("[autofocus]") ??
  panel.querySelector("[aria-checked=true]") ??
  panel.querySelector("input, button, a[href]");

const clamp = (at: number, end: number): number => Math.max(EDGE, Math.min(at, end - EDGE));

function moveInMenu(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const moves: { [key: string]: number } = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const to = moves[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}
