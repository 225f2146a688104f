/** What the pages say in all tests of parts of them. */

import { lookWords, speak } from "../src/monitor/words.svelte";
import { laterWords } from "../src/sit/words.svelte";

await speak("en");
await laterWords();
await lookWords();
