/**
 * The player of a recording. Its address works for some minutes and is asked for when somebody listens, and again when it no
 * longer works. Keys while it has the focus, or nothing has: Space, ← → (5 s), , . (1 s), < > (speed), Home, End.
 */

import { behave } from "./boot.js";
import { register } from "./keyboard.js";
import { token } from "./net.js";
import { report } from "./player-heard.js";
import { draw, layer, silences } from "./player-wave.js";

const JUMP_S = 5;
const STEP_S = 1;
const FAR_S = 30;
const AGAIN_MS = 10_000;
const TOUCHED_PX = 4;
const players = [];
const byRoot = new WeakMap();
let latest = null;

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
};

class Player {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`[data-${name}]`);
    this.channels = Number(root.dataset.channels) || 1;
    this.duration = Number(root.dataset.duration) || 0;
    this.pending = 0; // where to begin once the audio is there
    this.renewed = 0;
    this.quiet = [];
    this.audio = root.appendChild(document.createElement("audio"));
    this.audio.preload = "auto";
    this.audio.preservesPitch = true;
    this.head = draw(this.find("wave"), null, 1);
    this.bounds = JSON.parse(root.dataset.bounds || "null"); // a clip: from one second to another
    if (this.bounds) [this.pending] = this.bounds;
    this.select = null; // what a drag over the outline chooses a part for: {moving(from, to), chosen(from, to)}
    this.muted = () => []; // spans in which nothing is heard, to try that out
    const marked = layer(this.find("wave"));
    const spans = JSON.parse(root.dataset.silenced || "[]").map(([from, to]) => [from, to, "silenced"]);
    const clip = this.bounds ? [[...this.bounds, "clip"]] : [];
    marked([...clip, ...spans, ...JSON.parse(root.dataset.moments || "[]").map((at) => [at, at, "moment"])], this.duration);
    this.listen();
    this.outline();
    report(this.audio, root.dataset.heard);
    this.paint();
  }

  get at() {
    return this.audio.readyState > 0 ? this.audio.currentTime : this.pending;
  }

  listen() {
    const { audio } = this;
    this.find("play").addEventListener("click", () => this.toggle());
    this.find("speed").addEventListener("change", (event) => { audio.defaultPlaybackRate = audio.playbackRate = Number(event.target.value); });
    this.find("side")?.addEventListener("change", (event) => this.hear(event.target.value));
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, () => this.state());
    audio.addEventListener("loadedmetadata", () => {
      if (!this.duration && Number.isFinite(audio.duration)) this.duration = audio.duration;
      if (this.pending) audio.currentTime = this.pending;
      this.pending = 0;
      this.paint();
    });
    for (const name of ["timeupdate", "seeking", "seeked"]) audio.addEventListener(name, () => this.paint());
    audio.addEventListener("error", () => this.failed());
    this.root.addEventListener("keydown", (event) => this.key(event));
    const wave = this.find("wave");
    const moment = (event) => {
      const box = wave.getBoundingClientRect();
      return Math.min(this.duration, Math.max(0, ((event.clientX - box.left) / box.width) * this.duration));
    };
    let from = null;
    wave.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      wave.setPointerCapture(event.pointerId);
      if (this.select) from = { at: moment(event), x: event.clientX };
      else this.seek(moment(event));
    });
    wave.addEventListener("pointermove", (event) => {
      if (!wave.hasPointerCapture(event.pointerId)) return;
      if (!this.select) this.seek(moment(event));
      else if (from) this.select.moving(...[from.at, moment(event)].sort((a, b) => a - b));
    });
    wave.addEventListener("pointerup", (event) => {
      if (!this.select || !from) return;
      const there = moment(event);
      const touched = Math.abs(event.clientX - from.x) < TOUCHED_PX;
      if (touched) this.seek(there);
      this.select.chosen(...(touched ? [there, there] : [from.at, there].sort((a, b) => a - b)));
      from = null;
    });
    wave.addEventListener("pointercancel", () => { from = null; });
  }

  async outline() {
    const wave = this.find("wave");
    try {
      const answer = await fetch(this.root.dataset.peaks, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const peaks = new Int8Array(await answer.arrayBuffer());
      this.head = draw(wave, peaks, this.channels);
      this.quiet = silences(peaks, this.channels);
    } catch {
      this.find("skip").disabled = true;
      wave.title = this.root.dataset.sayNoOutline;
    }
    wave.removeAttribute("aria-busy");
    this.paint();
  }

  /** Has the audio begin to load from a new address. */
  async renew() {
    this.renewed = Date.now();
    const answer = await fetch(this.root.dataset.address, { method: "POST", headers: { "X-CSRFToken": token() }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    this.audio.src = (await answer.json()).url;
  }

  async play() {
    latest = this;
    for (const other of players) if (other !== this) other.audio.pause();
    this.say("");
    this.wanted = true;
    try {
      if (!this.audio.getAttribute("src")) await this.renew();
      await this.graph?.context.resume();
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError" && error.name !== "NotSupportedError") this.say(this.root.dataset.sayBroken);
      this.state();
    }
  }

  toggle() {
    if (this.audio.paused && this.bounds && (this.at < this.bounds[0] || this.at >= this.bounds[1] - 0.05)) this.seek(this.bounds[0]);
    if (this.audio.paused) { this.play(); return; }
    this.wanted = false;
    this.audio.pause();
  }

  /** An address that no longer works is replaced once; what then still fails is said. */
  async failed() {
    const { error } = this.audio;
    if (Date.now() - this.renewed > AGAIN_MS) {
      this.pending = this.audio.currentTime || this.pending;
      try {
        await this.renew();
        if (this.wanted) await this.audio.play();
        return;
      } catch { /* said below */ }
    }
    this.wanted = false;
    this.audio.removeAttribute("src");
    const undecodable = error && (error.code === error.MEDIA_ERR_DECODE || error.code === error.MEDIA_ERR_SRC_NOT_SUPPORTED);
    this.say(undecodable ? this.root.dataset.sayBlocked : this.root.dataset.sayBroken);
    this.state();
  }

  seek(seconds) {
    latest = this;
    const there = Math.min(Math.max(0, seconds), Math.max(0, this.duration - 0.05));
    if (this.audio.readyState > 0) this.audio.currentTime = there;
    else this.pending = there;
    this.paint();
  }

  speed(by) {
    const choice = this.find("speed");
    choice.selectedIndex = Math.min(choice.length - 1, Math.max(0, choice.selectedIndex + by));
    choice.dispatchEvent(new Event("change"));
  }

  /** Both sides apart, both mixed, or one of them in both ears. */
  hear(side) {
    if (!this.graph) {
      if (side === "stereo") return;
      const context = new AudioContext();
      const split = context.createChannelSplitter(2);
      const merge = context.createChannelMerger(2);
      context.createMediaElementSource(this.audio).connect(split);
      const gains = [0, 1].map((from) => [0, 1].map((to) => {
        const gain = context.createGain();
        split.connect(gain, from).connect(merge, 0, to);
        return gain;
      }));
      merge.connect(context.destination);
      this.graph = { context, gains };
    }
    const shares = { stereo: [[1, 0], [0, 1]], mono: [[0.5, 0.5], [0.5, 0.5]], left: [[1, 1], [0, 0]], right: [[0, 0], [1, 1]] }[side];
    for (const from of [0, 1]) for (const to of [0, 1]) this.graph.gains[from][to].gain.value = shares[from][to];
    this.graph.context.resume();
    this.root.dataset.heardSide = side;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("select, input, [role=menu]") || (event.key === " " && event.target.closest("button, a, summary"))) return;
    const steps = { ArrowLeft: -JUMP_S, ArrowRight: JUMP_S, ArrowDown: -JUMP_S, ArrowUp: JUMP_S, ",": -STEP_S, ".": STEP_S, PageDown: -FAR_S, PageUp: FAR_S };
    const upright = /^(Arrow(Up|Down)|Page|Home|End)/.test(event.key);
    if (upright && !event.target.closest("[data-wave]")) return; // elsewhere these move the page
    if (event.key in steps) this.seek(this.at + steps[event.key]);
    else if (event.key === " ") this.toggle();
    else if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.seek(this.duration);
    else if (event.key === "<" || event.key === ">") this.speed(event.key === "<" ? -1 : 1);
    else return;
    event.preventDefault();
  }

  state() {
    const playing = !this.audio.paused;
    const button = this.find("play");
    this.find("icon-play").hidden = playing;
    this.find("icon-pause").hidden = !playing;
    button.setAttribute("aria-label", playing ? this.root.dataset.sayPause : this.root.dataset.sayPlay);
    if (playing) requestAnimationFrame(() => this.frame());
  }

  frame() {
    if (this.audio.paused) return;
    const { currentTime } = this.audio;
    this.audio.muted = this.muted().some(([from, to]) => currentTime > from - 0.05 && currentTime < to);
    if (this.bounds && currentTime >= this.bounds[1] && currentTime < this.bounds[1] + 1) {
      this.wanted = false;
      this.audio.pause();
    }
    const quiet = this.find("skip").checked && !this.audio.seeking && this.quiet.find(([from, to]) => currentTime > from + 0.3 && currentTime < to - 0.4);
    if (quiet) this.audio.currentTime = quiet[1] - 0.2;
    this.paint();
    requestAnimationFrame(() => this.frame());
  }

  paint() {
    const now = this.at;
    const wave = this.find("wave");
    this.head(this.duration ? now / this.duration : 0);
    this.find("now").textContent = clock(now);
    this.find("total").textContent = clock(this.duration);
    const told = this.root.dataset.sayOf.replace("{now}", clock(now)).replace("{total}", clock(this.duration));
    wave.setAttribute("aria-valuemax", String(Math.round(this.duration)));
    wave.setAttribute("aria-valuenow", String(Math.round(now)));
    wave.setAttribute("aria-valuetext", told);
    const which = players.indexOf(this);
    this.find("moment").dataset.copy = `${location.origin}${location.pathname}#t=${now.toFixed(1)}${which > 0 ? `,${which + 1}` : ""}`;
  }

  say(text) {
    this.find("state").textContent = text;
  }
}

/** `#t=83.2` leads to that moment of the first recording, `#t=83.2,2` of the second. */
function toMoment() {
  const found = /^#t=(\d+(?:\.\d+)?)(?:,(\d+))?$/.exec(location.hash);
  const player = found && players[Number(found[2] ?? 1) - 1];
  if (!player) return;
  player.seek(Number(found[1]));
  player.root.scrollIntoView({ block: "center" });
}

/** The player of an element that holds one. */
export const playerOf = (root) => byRoot.get(root);

behave("[data-player]", (root) => {
  const player = new Player(root);
  byRoot.set(root, player);
  players.push(player);
  player.paint();
  if (players.length > 1) { toMoment(); return; }
  register("← / →", { label: root.dataset.saySeek, group: "page" });
  register(", / .", { label: root.dataset.sayStep, group: "page" });
  addEventListener("hashchange", toMoment);
  document.addEventListener("keydown", (event) => {
    if (event.target === document.body && latest && !document.querySelector("dialog[open]")) latest.key(event);
  });
  toMoment();
});
