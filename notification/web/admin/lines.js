// The lines of a chart over a span: a value for each step, and those of the latest steps and of the whole span.

// `chart.names` tells which lines there are, `chart.value` what one of them is at: of counts, seconds and its name.
export function lines(chart, { steps, whole, recent }) {
  if (whole === null) return [];
  return chart.names(whole.counts).map((name) => {
    const value = (counted) => counted && chart.value(counted.counts, counted.seconds, name);
    const points = steps.map(({ from, to, counts }) => [to, value(counts && { counts, seconds: to - from })]);
    return { name, points, now: value(recent), whole: value(whole), most: most(points) };
  });
}

// The same for what is not counted, but stands at a level.
export function levels(chart, { newest, steps, whole }) {
  if (whole === null) return [];
  const points = steps.map((step) => [step.to, step.counts && chart.level(step.reading)]);
  const values = known(points);
  const mean = values.reduce((all, value) => all + value, 0) / values.length;
  return [{ name: chart.title, points, now: chart.level(newest), whole: mean, most: most(points) }];
}

// The greatest value of all, null where there is none.
export function most(points) {
  return known(points).reduce((greatest, value) => Math.max(greatest ?? value, value), null);
}

function known(points) {
  return points.map(([, value]) => value).filter((value) => value !== null);
}
