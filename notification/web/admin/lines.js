// The lines of a chart over a period: a value for each step, for the recent steps and for the whole period.

// Returns the lines of a chart of counts. `chart.names(counts)` returns the names of the lines;
// `chart.value(counts, seconds, name)` returns the value of the line with that name.
export function lines(chart, { steps, whole, recent }) {
  if (whole === null) return [];
  return chart.names(whole.counts).map((name) => {
    const value = (counted) => counted && chart.value(counted.counts, counted.seconds, name);
    const points = steps.map(({ from, to, counts }) => [to, value(counts && { counts, seconds: to - from })]);
    return { name, points, now: value(recent), whole: value(whole), maximum: maximum(points) };
  });
}

// Returns the single line of a gauge. `chart.level(reading)` returns its value in a reading.
export function levels(chart, { newest, steps, whole }) {
  if (whole === null) return [];
  const points = steps.map((step) => [step.to, step.counts && chart.level(step.reading)]);
  const values = known(points);
  const mean = values.reduce((all, value) => all + value, 0) / values.length;
  return [{ name: chart.title, points, now: chart.level(newest), whole: mean, maximum: maximum(points) }];
}

// The maximum value; null if there is none.
export function maximum(points) {
  return known(points).reduce((highest, value) => Math.max(highest ?? value, value), null);
}

function known(points) {
  return points.map(([, value]) => value).filter((value) => value !== null);
}
