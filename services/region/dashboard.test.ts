import { domains, observedProperties } from "@messnetz/model";
import { findInfluxServers, type Influx, startInflux } from "@messnetz/testing";
import { expect, it } from "vitest";
import { createDashboards, type Dashboard, dashboardText } from "./dashboard.fixture.ts";

const dashboards = createDashboards();

it.each([...dashboards.keys()])(
  "keeps Grafana's dashboard %s as the catalogue is: run the test with -u after a change",
  async (name) => {
    const text = dashboardText(dashboards.get(name)!);
    expect(JSON.parse(text)).toEqual(dashboards.get(name));
    await expect(text).toMatchFileSnapshot(`../../infra/grafana/dashboards/${name}.json`);
  },
);

it("draws every observed property, in each of its domains or with the devices", () => {
  for (const property of observedProperties) {
    const names = property.domains.length === domains.length ? ["devices"] : property.domains;
    for (const name of names) {
      const titles = dashboards.get(name)!.panels.map(({ title }) => title);
      expect(titles, name).toContain(`${property.name.de} · ${property.name.en}`);
    }
  }
});

const servers = findInfluxServers();

it.skipIf(servers.length === 0)(
  "asks nothing that InfluxDB does not understand (without influxd: not tried)",
  async () => {
    for (const { generation } of servers) {
      await using influx = await startInflux({ version: generation });
      for (const dashboard of dashboards.values()) {
        for (const query of queriesOf(dashboard)) {
          const { status, text } = await ask(influx, query);
          expect([status, text.includes("error")], `${query}: ${text}`).toEqual([200, false]);
        }
      }
    }
  },
);

function queriesOf(dashboard: Dashboard): readonly string[] {
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ query }) => query));
  return [
    ...queries,
    ...dashboard.templating.list.map(({ query }) => query).filter((query) => query.startsWith("SHOW")),
  ].map((query) =>
    query
      .replaceAll("$timeFilter", "time >= now() - 24h")
      .replaceAll("$__interval", "1m")
      .replaceAll("${domain:regex}", "(water|waste)")
      .replaceAll("${thing:regex}", "(gauge-1|gauge-2)"),
  );
}

async function ask(influx: Influx, query: string): Promise<{ status: number; text: string }> {
  const { username, password, token } = influx.reader;
  const authorization =
    token === undefined ? `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` : `Token ${token}`;
  const parameters = new URLSearchParams({ db: influx.database, q: query });
  const response = await fetch(`${influx.url}/query?${parameters.toString()}`, { headers: { authorization } });
  return { status: response.status, text: await response.text() };
}
