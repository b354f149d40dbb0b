/** The script a shop puts on its pages. */

import { install } from "./chat";

install();
