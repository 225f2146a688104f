import "../core/staff-shape";
import "../styles/base.css";
import "../styles/lists.css";
import { start } from "../shared/start";
import App from "./App.svelte";
import { speak, usualLanguage } from "./words.svelte";

void start(App, () => speak(usualLanguage()));
