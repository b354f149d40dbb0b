/** The words at the edge of the screen. */

import { toast } from "../toast";
import { Icon } from "./Icon";
import "./toast.css";

export function ToastView() {
  const shown = toast.value;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown && (
        <div class="tip toast">
          <Icon name={shown.tone === "done" ? "check" : "alert"} size={16} />
          {shown.words}
        </div>
      )}
    </div>
  );
}
