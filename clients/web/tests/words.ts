/** What the pages say in all tests of parts of them. */

import { speak } from "../src/monitor/words.svelte";
import { laterWords } from "../src/sit/words.svelte";

await speak("en");
await laterWords();
