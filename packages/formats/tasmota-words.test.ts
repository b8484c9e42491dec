import { catalogue, convert } from "@messnetz/model";
import { describe, expect, it } from "vitest";
import { energyField } from "./tasmota-energy.ts";
import { isIdentity, scaleUnits, sensorField } from "./tasmota-words.ts";

const units = scaleUnits({ TempUnit: "C", PressureUnit: "mmHg", SpeedUnit: "mph" });
const sensorWords = (
  "Temperature DewPoint Humidity Pressure SeaPressure Illuminance CarbonDioxide eCO2 TVOC PM1 PM2.5 PM10 Distance " +
  "Weight Speed.Act Speed.Max Dir.Deg UvIndex"
).split(" ");
const energyWords = (
  "Total Today Yesterday Period ImportActive ExportActive ImportReactive ExportReactive TotalTariff ExportTariff Power " +
  "ApparentPower ReactivePower Factor Frequency Voltage Current PhaseAngle"
).split(" ");

describe("words of Tasmota", () => {
  it.each([
    ...sensorWords.map((word) => sensorField("X", word, units)),
    ...energyWords.map((word) => energyField(word)),
  ])("%o is a property of the catalogue in a unit that becomes its own", (meaning) => {
    const canonical = catalogue.get(meaning?.property ?? "")?.unit;
    expect(canonical && convert(1, meaning?.unit ?? "", canonical)).toBeDefined();
  });

  it("takes the chip's thermometer for the device's, and a laser's distance for millimetres", () => {
    expect(sensorField("ESP32", "Temperature", units)).toMatchObject({ property: "device_temperature" });
    expect(sensorField("VL53L0X", "Distance", units)).toMatchObject({ unit: "mm" });
    expect(sensorField("SR04", "Distance", units)).toMatchObject({ unit: "cm" });
  });

  it("takes `Current` for amperes only where a shunt measures it", () => {
    expect(sensorField("INA219", "Current", units)).toEqual({ property: "current", channel: "INA219", unit: "A" });
    expect(sensorField("SML", "Current", units)).toBeUndefined();
  });

  it("knows the numbers of meters and sensors from measurements", () => {
    expect(["Meter_id", "Server_ID", "ID", "Meter_number", "Zaehler_Nummer", "serial", "NetID"].every(isIdentity)).toBe(
      true,
    );
    expect(["Humidity", "grid", "Total_in", "valid"].some(isIdentity)).toBe(false);
  });

  it("a place in a list is a phase, of a tariff list a tariff", () => {
    expect(energyField("Voltage", 2)).toMatchObject({ channel: "L3" });
    expect(energyField("TotalTariff", 1)).toMatchObject({ channel: "T2" });
    expect(energyField("Yesterday", 0)).toMatchObject({ channel: "Yesterday-L1" });
  });
});
