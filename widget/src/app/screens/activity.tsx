/** Everything of "Your activity". */

import type { JSX } from "preact";
import { Back, Band } from "../parts/band";
import { Records } from "../parts/records";
import { activity, words } from "../state";

export function ActivityScreen(): JSX.Element {
  return (
    <>
      <Band>
        <Back to={{ name: "home" }} />
        <h1 class="title mid">{words().activity}</h1>
      </Band>
      <div class="sheet">
        <div class="scroll list">
          <Records items={activity.value.items} />
        </div>
      </div>
    </>
  );
}
