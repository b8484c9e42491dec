/** What a path of the D-Bus holds. */
export interface VictronMeaning {
  readonly property: string;
  readonly unit?: string;
  readonly channel?: string;
}

type Last = readonly [property: string, unit?: string];

/**
 * By the last part of the path. Source: the wiki of Venus OS, "dbus": measurements are in SI units, but energy in kWh and temperature in
 * degrees Celsius; charge in Ah, tanks in m³ and their level in per cent.
 */
const byLast: ReadonlyMap<string, Last> = new Map<string, Last>([
  ["Power", ["active_power", "W"]],
  ["P", ["active_power", "W"]],
  ["Voltage", ["voltage", "V"]],
  ["VoltageLineToLine", ["voltage", "V"]],
  ["V", ["voltage", "V"]],
  ["Current", ["current", "A"]],
  ["I", ["current", "A"]],
  ["Frequency", ["frequency", "Hz"]],
  ["F", ["frequency", "Hz"]],
  ["S", ["apparent_power", "V.A"]],
  ["PowerFactor", ["power_factor", "1"]],
  ["Forward", ["active_energy_import", "kW.h"]],
  ["Reverse", ["active_energy_export", "kW.h"]],
  ["MidVoltage", ["voltage", "V"]],
  ["MinCellVoltage", ["voltage", "V"]],
  ["MaxCellVoltage", ["voltage", "V"]],
  ["MinCellTemperature", ["temperature", "Cel"]],
  ["MaxCellTemperature", ["temperature", "Cel"]],
  ["Temperature", ["temperature", "Cel"]],
  ["AirTemperature", ["temperature", "Cel"]],
  ["CellTemperature", ["temperature", "Cel"]],
  ["ExternalTemperature", ["temperature", "Cel"]],
  ["CoolantTemperature", ["temperature", "Cel"]],
  ["ExhaustTemperature", ["temperature", "Cel"]],
  ["OilTemperature", ["temperature", "Cel"]],
  ["WindingTemperature", ["temperature", "Cel"]],
  ["Soc", ["state_of_charge", "%"]],
  ["ConsumedAmphours", ["charge_taken", "A.h"]],
  ["TimeToGo", ["duration", "s"]],
  ["ChargeCycles", ["charge_cycles", "{count}"]],
  ["ChargedEnergy", ["charged_energy", "kW.h"]],
  ["DischargedEnergy", ["discharged_energy", "kW.h"]],
  ["TimeSinceLastFullCharge", ["duration", "s"]],
  ["Humidity", ["relative_humidity", "%"]],
  ["Irradiance", ["solar_irradiance", "W/m2"]],
  ["WindSpeed", ["wind_speed", "m/s"]],
  ["Latitude", ["latitude", "deg"]],
  ["Longitude", ["longitude", "deg"]],
  ["Altitude", ["altitude", "m"]],
  ["NrOfSatellites", ["satellites", "{count}"]],
  ["BatteryVoltage", ["battery_voltage", "V"]],
  ["StarterVoltage", ["voltage", "V"]],
  ["TankLevel", ["fill_level", "%"]],
  ["OperatingHours", ["operating_time", "s"]],
  ["ChargingTime", ["duration", "s"]],
  ["ErrorCode", ["device_status"]],
  ["StatusCode", ["device_status"]],
]);

/** Paths whose last part alone would say too little, or the wrong thing, with the service (`*`: each). */
const byPath: ReadonlyMap<string, Last> = new Map<string, Last>([
  ["solarcharger Yield/User", ["active_energy", "kW.h"]],
  ["solarcharger Yield/System", ["active_energy", "kW.h"]],
  ["multi Yield/User", ["active_energy", "kW.h"]],
  ["multi Yield/System", ["active_energy", "kW.h"]],
  ["inverter Yield/User", ["active_energy", "kW.h"]],
  ["inverter Yield/System", ["active_energy", "kW.h"]],
  ["battery Soh", ["percentage", "%"]],
  ["battery Capacity", ["remaining_capacity", "A.h"]],
  ["tank Level", ["fill_level", "%"]],
  ["tank Remaining", ["fill_volume", "m3"]],
  ["gps Speed", ["speed", "m/s"]],
  ["gps Course", ["heading", "deg"]],
  ["temperature Pressure", ["air_pressure", "hPa"]],
  ["meteo WindDirection", ["wind_direction", "deg"]],
  ["evcharger Session/Energy", ["energy_reading", "kW.h"]],
  ["evcharger Session/Time", ["duration", "s"]],
  ["evcharger Status", ["device_status"]],
  ["digitalinput Count", ["pulse_count", "{pulse}"]],
  ["pulsemeter Count", ["pulse_count", "{pulse}"]],
  ["pulsemeter Aggregate", ["volume", "m3"]],
  ["genset Engine/Speed", ["rotation_speed", "/min"]],
  ["genset Engine/Load", ["percentage", "%"]],
  ["motordrive Motor/RPM", ["rotation_speed", "/min"]],
  ["solarcharger State", ["device_mode"]],
  ["vebus State", ["device_mode"]],
  ["vebus Mode", ["device_mode"]],
]);

/** What is set, rated, or says who a device is. */
const configuration =
  /(?:^|\/)(?:Mgmt|Settings|Info|Devices|Link|Control|Debug|Product(?:Id|Name)|CustomName|DeviceInstance|DeviceType|DeviceName|Serial|SerialNumber|HardwareVersion|FirmwareVersion|Connected|NrOf(?:Phases|Trackers|Outputs)|Position|Role|AllowedRoles|Model|Capabilities|Groups|Dynamics|Diagnostics)(?:\/|$)|(?:Limit|Limits|Setpoint|Maximum|Minimum|Set|Nominal)[A-Za-z]*$/u;
const quietServices: ReadonlySet<string> = new Set(
  "settings platform logger hub4 vecan modbusclient adc fronius generator heartbeat keepalive full_publish_completed".split(
    " ",
  ),
);

export function isConfiguration(service: string, path: string): boolean {
  // GPS says where it is: `Position/Latitude`.
  if (quietServices.has(service)) return true;
  return configuration.test(path) && service !== "gps";
}

const phaseEnergy = /^(?:Forward|Reverse)$/u;
const energyFlow = /^Energy\/([A-Za-z0-9]+To[A-Za-z0-9]+)$/u;
const cell = /^(?:Voltages\/Cell\d{1,3}|Cell\/\d{1,3}\/Volts)$/u;
const history = /^History\//u;

/** Undefined where the documentation has no measurement there. */
export function victronMeaning(service: string, path: string): VictronMeaning | undefined {
  const flow = energyFlow.exec(path)?.[1];
  if (flow !== undefined) return { property: "active_energy", unit: "kW.h", channel: flow };
  if (cell.test(path)) return { property: "voltage", unit: "V", channel: channelOf(path.split("/")) };
  if (path.startsWith("Alarms/")) return { property: "device_status", channel: channelOf(path.split("/")) };
  const levels = path.split("/");
  const last = levels.at(-1) ?? "";
  const special = byPath.get(`${service} ${path}`);
  const [property, unit] = special ?? (history.test(path) ? historyMeaning(path, last) : byLast.get(last)) ?? [];
  if (property === undefined) return undefined;
  const named = namesItself(path, special !== undefined, last) ? levels : levels.slice(0, -1);
  const around = named.filter(
    (level, at) => !(at === 0 && level === "Ac") && !(level === "Energy" && phaseEnergy.test(last)),
  );
  const channel = channelOf(around);
  // The forward energy of a PV inverter is what it has given.
  const isYield = property === "active_energy_import" && service === "pvinverter";
  return {
    property: isYield ? "active_energy" : property,
    ...(unit !== undefined && { unit }),
    ...(channel !== "" && { channel }),
  };
}

/** Extremes and sums that devices remember: their word is the channel. Of past days they would come again and again. */
function historyMeaning(path: string, last: string): Last | undefined {
  if (/^History\/(?:Daily|Overall)\//u.test(path)) return undefined;
  if (/^(?:Charged|Discharged)Energy$|^TimeSinceLastFullCharge$|^ChargeCycles$/u.test(last)) return byLast.get(last);
  if (last.endsWith("Voltage")) return ["voltage", "V"];
  if (/^(?:DeepestDischarge|LastDischarge|AverageDischarge|TotalAhDrawn)$/u.test(last)) return ["charge_taken", "A.h"];
  if (/^Energy(?:Out|In)$/u.test(last)) return ["active_energy", "kW.h"];
  return undefined;
}

/** Where several words of one property stand side by side, the word is part of the channel. */
function namesItself(path: string, isSpecial: boolean, last: string): boolean {
  if (history.test(path)) return !/^(?:Charged|Discharged)Energy$|^ChargeCycles$/u.test(last);
  if (isSpecial) return /^(?:Yield|Session)\//u.test(path) || path === "Soh" || path === "Mode";
  return (
    /(?:Temperature|CellVoltage|LineToLine|TimeToGo|ChargingTime)$|^(?:MidVoltage|StarterVoltage|ErrorCode)$/u.test(
      last,
    ) && last !== "Temperature"
  );
}

const maxChannelLength = 64;

function channelOf(levels: readonly string[]): string {
  return levels
    .join("-")
    .replaceAll(/[^A-Za-z0-9_-]+/gu, "_")
    .slice(0, maxChannelLength);
}
