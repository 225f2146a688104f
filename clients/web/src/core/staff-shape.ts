/** To be imported where something is heard as staff. */

import { STAFF_SHAPES } from "../generated/staff-shapes";
import "./sat-shape";
import { know } from "./shape";

know(STAFF_SHAPES);
