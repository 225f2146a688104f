import "../core/staff-shape";
import "../styles/base.css";
import "../styles/lists.css";
import "../styles/pages.css";
import { start } from "../shared/start";
import { speak } from "../sit/words.svelte";
import App from "./App.svelte";

// Questions are shown with the words of the candidate's page.
void start(App, () => speak("en"));
