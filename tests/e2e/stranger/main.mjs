// `node main.mjs PLAN.json REPORT.json`: plays the scenario that the plan names, and writes down what it saw.

import { readFileSync, writeFileSync } from "node:fs";
import * as scenarios from "./scenarios.mjs";

const [, , planFile, reportFile] = process.argv;
const plan = JSON.parse(readFileSync(planFile, "utf-8"));
const report = await scenarios[plan.scenario](plan);
writeFileSync(reportFile, JSON.stringify(report));
process.exit(0);
