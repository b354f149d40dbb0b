/** The keys, on a sheet that opens with `?`. */

import { Dialog } from "../kit/Dialog";
import { SHEET, sheetOpen } from "../shortcuts";

export function ShortcutSheet() {
  if (!sheetOpen.value) return null;
  const close = (): void => {
    sheetOpen.value = false;
  };
  const footer = (
    <button type="button" class="btn" onClick={close}>
      Close
    </button>
  );
  return (
    <Dialog title="Keyboard" onClose={close} footer={footer}>
      <ul class="sheet">
        {SHEET.map(({ does, keys }) => (
          <li key={does}>
            {does}
            <span class="keys">
              {keys.map((chord) => (
                <span key={chord.join()}>
                  {chord.map((key) => (
                    <kbd class="kbd" key={key}>
                      {key}
                    </kbd>
                  ))}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
