/** Starts what the page's data- attributes ask for, now and in everything that htmx brings later. */

import { ready } from "./boot.js";
import "./net.js";
import "./theme.js";
import "./toast.js";
import "./dialog.js";
import "./menu.js";
import "./keyboard.js";
import "./list.js";
import "./time.js";
import "./draft.js";
import "./combobox.js";
import "./daterange.js";
import "./select-many.js";
import "./columns.js";
import "./live.js";
import "./job.js";
import "./small.js";

ready();
