// Reads a question aloud, by a voice that lives on this device and no other: a voice from the network would tell
// somebody else what is asked and answered. Where the device has none for the language, there is no button.
"use strict";

(() => {
  const form = document.getElementById("answering");
  const words = form.dataset;
  // A Norwegian voice reads both; for Nynorsk its own goes first.
  const NEAREST = { nb: ["nb", "no"], nn: ["nn", "no", "nb"] };
  let reading = null;

  function voiceFor(language) {
    const [wanted] = language.toLowerCase().split("-");
    const local = speechSynthesis.getVoices().filter((voice) => voice.localService === true);
    const speaks = (voice, code) => voice.lang.toLowerCase().split(/[-_]/)[0] === code;
    return (NEAREST[wanted] ?? [wanted]).map((code) => local.find((voice) => speaks(voice, code))).find(Boolean);
  }

  const textOf = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

  function asked(question) {
    const ends = [...question.querySelectorAll(".ends span")].map(textOf);
    const { low, high } = question.dataset;
    const options = question.querySelector(".line") ? [] : [...question.querySelectorAll(".choice span, option")].map(textOf);
    return [
      textOf(question.querySelector(".question__text")),
      ...(ends.length ? [`${low}: ${ends[0]}`, `${high}: ${ends[1]}`] : options),
    ];
  }

  function chosen(question) {
    const value = question.querySelector(".line input[type=hidden]")?.value
      || textOf(question.querySelector("input:checked")?.closest(".choice") ?? question.querySelector("option:checked"))
      || question.querySelector("textarea, input:not([type=radio], [type=range], [type=hidden])")?.value.trim();
    return value ? `${words.textChosen}: ${value}` : words.textUnanswered;
  }

  function stop() {
    const { button } = reading ?? {};
    reading = null;
    speechSynthesis.cancel();
    if (button) label(button, words.textRead);
  }

  function label(button, doing) {
    button.textContent = doing;
    button.setAttribute("aria-label", `${doing}: ${textOf(button.closest(".question").querySelector(".question__text"))}`);
  }

  function start(button, question, language) {
    stop();
    const mine = { button };
    reading = mine;
    label(button, words.textStop);
    const page = document.documentElement.lang;
    const parts = asked(question).filter(Boolean).map((text) => [text, language]);
    parts.push([chosen(question), voiceFor(page) ? page : language]);
    parts.forEach(([text, spoken], at) => {
      const part = new SpeechSynthesisUtterance(text);
      part.voice = voiceFor(spoken);
      part.lang = part.voice.lang;
      part.rate = 0.9;
      const done = () => { if (reading === mine) stop(); };
      if (at === parts.length - 1) part.onend = done;
      part.onerror = done;
      speechSynthesis.speak(part);
    });
  }

  function offer(question) {
    const language = question.closest("[lang]").lang;
    const there = question.querySelector(".read-aloud");
    if (!voiceFor(language)) {
      there?.remove();
      return;
    }
    if (there) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "read-aloud";
    question.append(button);
    label(button, words.textRead);
    button.addEventListener("click", () => {
      if (reading?.button === button) stop();
      else start(button, question, language);
    });
  }

  function offerAll() {
    form.querySelectorAll(".question:has(.question__text)").forEach(offer);
  }

  if (!self.speechSynthesis) return;
  offerAll();
  // Most browsers find their voices a little after the page.
  speechSynthesis.addEventListener?.("voiceschanged", offerAll);
  addEventListener("pagehide", stop);
  form.addEventListener("submit", stop);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && reading) stop(); });
})();
