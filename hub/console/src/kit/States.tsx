/** What a screen shows when there is nothing, when it waits, and when something failed. */

import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import "./states.css";

interface EmptyProps {
  icon?: IconName;
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}

export function Empty({ icon = "check", title, children, action }: EmptyProps) {
  return (
    <div class="state">
      <span class="glyph">
        <Icon name={icon} size={32} />
      </span>
      <b>{title}</b>
      {children && <p class="muted">{children}</p>}
      {action}
    </div>
  );
}

export function Failed({ title, problem, onRetry }: { title: string; problem: string; onRetry: () => void }) {
  return (
    <div class="state" role="alert">
      <span class="glyph bad">
        <Icon name="alert" size={28} />
      </span>
      <b>{title}</b>
      <p class="muted">{problem}</p>
      <button type="button" class="btn" onClick={onRetry}>
        <Icon name="sync" size={16} />
        Try again
      </button>
    </div>
  );
}

/** Grey cards in a grid, where cards are on their way. */
export function SkeletonCards({ cards }: { cards: number }) {
  return (
    <div class="conns late" aria-busy="true">
      <span class="sr" role="status">
        Loading
      </span>
      {Array.from({ length: cards }, (_, at) => (
        <div class="card conn" key={at} aria-hidden="true">
          <div class="flex">
            <span class="sk tile" />
            <span class="grow">
              <span class="sk short" />
              <span class="sk" />
            </span>
          </div>
          <span class="sk wide" />
          <span class="sk" />
        </div>
      ))}
    </div>
  );
}

/** Grey shapes in the final form, shown only when the wait is long enough to be noticed. */
export function Skeleton({ rows, avatar }: { rows: number; avatar?: boolean }) {
  return (
    <div class="late" aria-busy="true">
      <span class="sr" role="status">
        Loading
      </span>
      {Array.from({ length: rows }, (_, at) => (
        <div class="sk-row" key={at} aria-hidden="true">
          {avatar && <span class="sk round" />}
          <span class="grow">
            <span class="sk short" />
            <span class="sk" />
          </span>
        </div>
      ))}
    </div>
  );
}
