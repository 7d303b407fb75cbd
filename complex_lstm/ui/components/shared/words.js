// words.js: what a canvas says, in the language of the page. Python writes SPOKEN, the language and its words, before all scripts.

// Returns a text with its placeholders filled in: say("step {step}", { step: 3 }). Every text stands within say, as one literal.
function say(text, values = {}) {
  return (SPOKEN.words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Returns a number that is written as in English as the language writes it.
function written(number) {
  return String(number).replaceAll(".", SPOKEN.decimal);
}
