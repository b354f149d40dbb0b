/** A bar that fills: how far something is, or how much of a budget is used. */

interface Props {
  label: string;
  share: number | null; // null: nobody knows how much there is
  text: string; // said to screen readers in place of a percentage
  look?: string;
}

export function Meter({ label, share, text, look = "" }: Props) {
  const percent = share === null ? undefined : Math.round(share * 100);
  return (
    <div
      class={`pbar ${share === null ? "unknown" : look}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
    >
      <i style={percent === undefined ? undefined : { inlineSize: `${percent}%` }} />
    </div>
  );
}
