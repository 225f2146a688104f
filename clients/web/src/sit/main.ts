import "../styles/base.css";
import { languageOf } from "../core/languages";
import { start } from "../shared/start";
import App from "./App.svelte";
import { speak } from "./words.svelte";

void start(App, () => speak(languageOf(navigator.languages)));
