import "../styles/base.css";
import "../styles/lists.css";
import { start } from "../shared/start";
import App from "./App.svelte";

start(App);
