import "../styles/base.css";
import { languageOf } from "../core/languages";
import { start } from "../shared/start";
import App from "./App.svelte";
import { settings } from "./settings.svelte";
import { speak } from "./words.svelte";

void start(App, () => speak(settings.now.language ?? languageOf(navigator.languages)));
