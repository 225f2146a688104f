/** What the pages say in all tests of parts of them. */

import { laterWords, speak } from "../src/sit/words.svelte";

await speak("en");
await laterWords();
