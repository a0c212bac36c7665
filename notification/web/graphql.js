// The GraphQL page: sends the query, shows the result and the schema.

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
  status.textContent = "Running…";
  let shown;
  try {
    const answer = await ask({ query: query.value, variables: read(variables.value) });
    shown = [JSON.stringify(answer, null, 2), summary(answer, performance.now() - started)];
  } catch (error) {
    shown = [String(error), error instanceof SyntaxError ? "The variables aren’t valid JSON" : "No response"];
  }
  // A later request has replaced this one.
  if (mine === asked) [result.textContent, status.textContent] = shown;
}

function summary(answer, milliseconds) {
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
