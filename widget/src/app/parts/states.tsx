/** Empty, loading and failed: the states every screen owes. */

import type { JSX } from "preact";
import { words } from "../state";
import { useAfter } from "../use";
import { Icon, type IconName } from "./icon";

const ART = {
  talk: ["M12 12h38a8 8 0 0 1 8 8v14a8 8 0 0 1-8 8H28l-12 10V42h-4a8 8 0 0 1-8-8V20a8 8 0 0 1 8-8z", "M64 26h12a8 8 0 0 1 8 8v12a8 8 0 0 1-8 8h-2v9l-11-9H46a8 8 0 0 1-7-4M18 23h26M18 31h14"],
  cloud: ["M20 50a14 14 0 1 1 3-27.7A20 20 0 0 1 61 26a13 13 0 0 1 5 24", "m44 36-6 10h9l-5 11"],
} as const;

interface StateProps {
  art: keyof typeof ART;
  title: string;
  text: string;
  action?: { text: string; icon?: IconName; run(): void };
}

export function State({ art, title, text, action }: StateProps): JSX.Element {
  const [filled, lines] = ART[art];
  return (
    <div class="state">
      <svg class="art" viewBox="0 0 88 72" aria-hidden="true">
        <path d={filled} class="filled" />
        <path d={lines} />
      </svg>
      <h2>{title}</h2>
      <p>{text}</p>
      {action && (
        <button class="w-btn primary" type="button" onClick={action.run}>
          {action.icon && <Icon name={action.icon} size={18} />}
          {action.text}
        </button>
      )}
    </div>
  );
}

export function Bone({ width, height, round }: { width: string; height: number; round?: number }): JSX.Element {
  return <span class="sk" style={{ width, height: `${height}px`, ...(round && { borderRadius: `${round}px` }) }} />;
}

/** Rows in their final shape, after a moment; their room is there from the start. */
export function Bones({ rows }: { rows: number }): JSX.Element {
  const late = useAfter(true, 150);
  return (
    <div class="bones-box" aria-busy="true" style={{ "--rows": `${rows}` }}>
      <span class="sr" role="status">{words().loading}</span>
      {late &&
        Array.from({ length: rows }, (_, row) => (
          <div class="row still" key={row}>
            <Bone width="40px" height={40} round={12} />
            <span class="main bones">
              <Bone width="62%" height={14} />
              <Bone width="84%" height={12} />
            </span>
          </div>
        ))}
    </div>
  );
}
