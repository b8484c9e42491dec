import { catalogue, convert } from "@messnetz/model";
import { describe, expect, it } from "vitest";
import { energyField } from "./tasmota-energy.ts";
import { isIdentity, isNoValue, scaleUnits, sensorField } from "./tasmota-words.ts";

const units = scaleUnits({ TempUnit: "C", PressureUnit: "mmHg", SpeedUnit: "mph" });
const sensorWords =
  "Temperature DewPoint Humidity Illuminance CarbonDioxide eCO2 TVOC PM1 PM2.5 PM10 Speed.Act Speed.Max Speed.Avg Dir.Deg Dir.Avg UvIndex ProbeTemperature AMBTMP".split(
    " ",
  );
const energyWords = (
  "Total Today Yesterday Period ImportActive ExportActive ImportReactive ExportReactive TotalTariff ExportTariff Power " +
  "ApparentPower ReactivePower Factor Frequency Voltage Current PhaseAngle"
).split(" ");

describe("words of Tasmota", () => {
  it.each([
    ...sensorWords.map((word) => sensorField("X", word, units)),
    ...["Pressure", "SeaPressure"].map((word) => sensorField("BME280-76", word, units)),
    ...["SR04-1", "TFminiPlus", "GY-US42", "TOF10120", "AS3935"].map((name) => sensorField(name, "Distance", units)),
    sensorField("HX711", "Weight", units),
    ...["Voltage", "Current", "Power"].map((word) => sensorField("INA219-2", word, units)),
    ...energyWords.map((word) => energyField(word)),
  ])("%o is a property of the catalogue in a unit that becomes its own", (meaning) => {
    const canonical = catalogue.get(meaning?.property ?? "")?.unit;
    expect(canonical && convert(1, meaning?.unit ?? "", canonical)).toBeDefined();
  });

  it("keeps the mean wind of a period apart from that of now", () => {
    expect(sensorField("TX23", "Speed.Avg", units)?.channel).toBe("TX23-Speed_Avg");
    expect(sensorField("TX23", "Speed.Act", units)?.channel).toBe("TX23");
    expect(sensorField("Keller", "Power", units)).toBeUndefined();
  });

  it("takes the chip's thermometer for the device's", () => {
    expect(sensorField("ESP32", "Temperature", units)).toMatchObject({ property: "device_temperature" });
  });

  it.each([
    ["SR04-1", "cm"],
    ["TFminiPlus", "cm"],
    ["TOF10120", "mm"],
    ["AS3935", "km"],
    ["VL53L0X", undefined],
    ["VL53L1X-2", undefined],
    ["HRXL", undefined],
    ["Schacht", undefined],
  ])("gives the distance of %s the unit that its driver has always sent: %s", (driver, unit) => {
    expect(sensorField(driver, "Distance", units)?.property).toBe("distance");
    expect(sensorField(driver, "Distance", units)?.unit).toBe(unit);
  });

  it("knows the codes of a storm without a distance", () => {
    expect([-1, 0, 1, 63].every((code) => isNoValue("AS3935", "Distance", code))).toBe(true);
    expect(isNoValue("AS3935", "Distance", 12)).toBe(false);
    expect(isNoValue("SR04", "Distance", 1)).toBe(false);
  });

  it.each([
    ["MS5837", "Pressure"],
    ["LOX", "Pressure"],
    ["MiScale", "Weight"],
    ["SI1145", "Illuminance"],
    ["ME007", "Temperature"],
    ["Wooliis", "Voltage"],
  ])("does not take the word of another driver for that of %s: %s", (driver, word) => {
    expect(sensorField(driver, word, units)).toBeUndefined();
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
