// The schema column of the GraphQL page. Text stays text and is never parsed as HTML.

const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
const ARGUMENTS = `{ name description defaultValue type { ${TYPE} } }`;
const INTROSPECTION = `{
  __schema {
    queryType { name }
    mutationType { name }
    types {
      kind name description
      fields { name description args ${ARGUMENTS} type { ${TYPE} } }
      inputFields ${ARGUMENTS}
    }
  }
}`;
const BUILT_IN = new Set(["String", "Int", "Float", "Boolean", "ID"]);

export async function showSchema(place, ask) {
  try {
    const { data } = await ask({ query: INTROSPECTION });
    place.replaceChildren(...sorted(data.__schema).flatMap(section));
  } catch {
    place.textContent = "Couldn’t load the schema.";
  }
}

// Queries first, then mutations, then the types that they use.
function sorted(schema) {
  const roots = [schema.queryType?.name, schema.mutationType?.name];
  const place = (type) => (roots.includes(type.name) ? roots.indexOf(type.name) : roots.length);
  const ours = schema.types.filter((type) => !type.name.startsWith("__") && !BUILT_IN.has(type.name));
  return ours.sort((one, other) => place(one) - place(other) || one.name.localeCompare(other.name));
}

function section(type) {
  const title = element("h3", type.name);
  title.id = `type-${type.name}`;
  const fields = type.fields ?? type.inputFields ?? [];
  const kind = type.kind === "OBJECT" ? "" : `${type.kind.toLowerCase().replace("_object", "")}. `;
  const shown = [title, element("p", kind + (type.description ?? ""))];
  if (!fields.length) return shown;
  const list = element("ul");
  list.append(...fields.map(field));
  return [...shown, list];
}

function field({ name, description, args = [], type }) {
  const item = element("li");
  const signature = element("code", name);
  args.forEach((argument, at) => {
    signature.append(at ? ", " : "(", `${argument.name}: `, ...reference(argument.type));
    if (argument.defaultValue && argument.defaultValue !== "null") signature.append(` = ${argument.defaultValue}`);
  });
  signature.append(args.length ? "): " : ": ", ...reference(type));
  item.append(signature);
  if (description) item.append(element("p", description));
  return item;
}

// The nodes of a type reference: brackets, exclamation marks, and a link if the schema column lists the type.
function reference(type) {
  if (type.kind === "NON_NULL") return [...reference(type.ofType), "!"];
  if (type.kind === "LIST") return ["[", ...reference(type.ofType), "]"];
  if (BUILT_IN.has(type.name)) return [type.name];
  const link = element("a", type.name);
  link.href = `#type-${type.name}`;
  return [link];
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
