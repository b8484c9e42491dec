async function get(url: string, token: string): Promise<Response> {
  const reply = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!reply.ok) throw new Error(`${url}: expected 200, came ${reply.status} ${await reply.text()}`);
  return reply;
}

/** Seconds for everything that is stored as a file of the format, read to the end and thrown away. */
export async function timeExport(url: string, token: string, format: "csv" | "parquet"): Promise<number> {
  const begin = performance.now();
  const reply = await get(`${url}/api/v1/observations/export?format=${format}&${everything}`, token);
  await reply.body!.pipeTo(new WritableStream());
  return (performance.now() - begin) / 1000;
}

const everything = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";

/** Runs the task while one export after the other runs beside it; `exports` counts those that were begun. */
export async function whileExporting<T>(
  url: string,
  token: string,
  task: () => Promise<T>,
): Promise<{ readonly result: T; readonly exports: number }> {
  let isOver = false;
  let exports = 0;
  const exporting = (async () => {
    while (!isOver) {
      exports++;
      await timeExport(url, token, "csv");
    }
  })();
  try {
    return { result: await task(), exports };
  } finally {
    isOver = true;
    await exporting;
  }
}

const latestRounds = 20;

/** Newest values of all datastreams in one call: the median of some rounds. */
export async function timeLatest(url: string, token: string): Promise<{ readonly ms: number; readonly count: number }> {
  const times: number[] = [];
  let count = 0;
  for (let round = 0; round < latestRounds; round++) {
    const begin = performance.now();
    const reply = await get(`${url}/api/v1/latest?domain=water`, token);
    const text = await reply.text();
    times.push(performance.now() - begin);
    count = (JSON.parse(text) as { items: unknown[] }).items.length;
  }
  return { ms: times.toSorted((a, b) => a - b)[latestRounds / 2]!, count };
}

/** From the ledger: observations newly stored. */
export async function countObservations(url: string, token: string): Promise<number> {
  let sum = 0;
  const reply = await get(`${url}/api/v1/ledger`, token);
  for (const row of ((await reply.json()) as { items: { observations: number }[] }).items) sum += row.observations;
  return sum;
}
