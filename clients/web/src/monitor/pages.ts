/** What can be shown of a test. */

export const PAGES = ["room", "live", "people", "marking", "results", "report", "statistics", "preview"] as const;
export type Page = (typeof PAGES)[number];
