/** The theme, settled before anything is painted: a dark screen never flashes white. */

import { paint, preference } from "./theme";

paint(preference());
