// The GraphQL page: sends what was written, shows what came back, and the schema, which it asks the service for.

import { EXAMPLES } from "/web/graphql-examples.js";
import { showSchema } from "/web/graphql-schema.js";

const query = document.getElementById("query");
const variables = document.getElementById("variables");
const result = document.getElementById("result");
const status = document.getElementById("status");
const examples = document.getElementById("examples");
const form = document.getElementById("ask");

let asked = 0;

async function ask(body) {
  const reply = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  return reply.json();
}

function read(text) {
  return text.trim() === "" ? {} : JSON.parse(text);
}

async function run() {
  const mine = ++asked;
  const started = performance.now();
  status.textContent = "running …";
  let shown;
  try {
    const answer = await ask({ query: query.value, variables: read(variables.value) });
    shown = [JSON.stringify(answer, null, 2), told(answer, performance.now() - started)];
  } catch (error) {
    shown = [String(error), error instanceof SyntaxError ? "the variables are not JSON" : "no answer"];
  }
  // An answer that was overtaken by a later question is not shown.
  if (mine === asked) [result.textContent, status.textContent] = shown;
}

function told(answer, milliseconds) {
  const count = answer.errors?.length ?? (answer.data === undefined ? 1 : 0);
  const errors = count === 0 ? "no errors" : count === 1 ? "1 error" : `${count} errors`;
  return `${errors}, ${Math.round(milliseconds)} ms`;
}

function choose(name) {
  const example = EXAMPLES.find((one) => one.name === name);
  query.value = example.query;
  variables.value = JSON.stringify(example.variables, null, 2);
}

for (const example of EXAMPLES) examples.append(new Option(example.name));
examples.addEventListener("change", () => choose(examples.value));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
choose(EXAMPLES[0].name);
showSchema(document.getElementById("schema"), ask);
