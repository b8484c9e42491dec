import { gzipSync } from "node:zlib";
import type { FormatExample } from "./example.ts";

const time = { instant: 1_774_743_300_000 };
const site = { device: "datex2:SITE_1", time };

const third = `<?xml version="1.0" encoding="UTF-8"?>
<mc:messageContainer xmlns:mc="http://datex2.eu/schema/3/messageContainer" xmlns:roa="http://datex2.eu/schema/3/roadTrafficData"
  xmlns:com="http://datex2.eu/schema/3/common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" modelBaseVersion="3">
 <mc:payload xsi:type="roa:MeasuredDataPublication" lang="de">
  <com:publicationTime>2026-03-29T00:16:00Z</com:publicationTime>
  <roa:siteMeasurements>
   <roa:measurementSiteReference targetClass="roa:MeasurementSite" id="SITE_1" version="2"/>
   <roa:physicalQuantity index="1"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">
    <roa:basicData xsi:type="roa:TrafficFlow"><roa:vehicleFlow accuracy="0.0"><com:vehicleFlowRate>360</com:vehicleFlowRate></roa:vehicleFlow></roa:basicData>
   </roa:physicalQuantity></roa:physicalQuantity>
   <roa:physicalQuantity index="2"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">
    <roa:basicData xsi:type="roa:TrafficSpeed"><roa:averageVehicleSpeed numberOfInputValuesUsed="0"><com:speed>-1.0</com:speed></roa:averageVehicleSpeed></roa:basicData>
   </roa:physicalQuantity></roa:physicalQuantity>
   <roa:physicalQuantity index="3"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">
    <roa:basicData xsi:type="roa:TrafficFlow"><roa:vehicleFlow><com:dataError>true</com:dataError><com:vehicleFlowRate>0</com:vehicleFlowRate></roa:vehicleFlow></roa:basicData>
   </roa:physicalQuantity></roa:physicalQuantity>
   <roa:physicalQuantity index="4"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">
    <roa:basicData xsi:type="roa:TrafficSpeed">
     <roa:measurementOrCalculationTime><roa:timeValue>2026-03-29T01:14:00+01:00</roa:timeValue></roa:measurementOrCalculationTime>
     <roa:averageVehicleSpeed><com:speed>63.5</com:speed></roa:averageVehicleSpeed>
     <roa:speedPercentile><roa:vehiclePercentage><com:percentage>85</com:percentage></roa:vehiclePercentage><roa:speedPercentile><com:speed>71</com:speed></roa:speedPercentile></roa:speedPercentile>
    </roa:basicData>
   </roa:physicalQuantity></roa:physicalQuantity>
   <roa:measurementTimeDefault><roa:timeValue>2026-03-29T00:15:00Z</roa:timeValue></roa:measurementTimeDefault>
  </roa:siteMeasurements>
 </mc:payload>
</mc:messageContainer>`;

function second(values: string, siteTime = "2026-03-29T01:15:00+01:00"): string {
  return `<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" modelBaseVersion="2">
<payloadPublication xsi:type="MeasuredDataPublication" lang="de"><siteMeasurements>
<measurementSiteReference id="SITE_1" version="1"/><measurementTimeDefault>${siteTime}</measurementTimeDefault>
${values}</siteMeasurements></payloadPublication></d2LogicalModel>`;
}

function value(index: number, type: string, content: string): string {
  return `<measuredValue index="${index}"><measuredValue><basicData xsi:type="${type}">${content}</basicData></measuredValue></measuredValue>`;
}

const status = value(
  9,
  "TrafficStatus",
  "<trafficStatus><trafficStatusValue>freeFlow</trafficStatusValue></trafficStatus>",
);

export const examples: readonly FormatExample[] = [
  {
    name: "version 3: flow, speed and percentile by index; -1 and a value with an error are none, a value's own time comes first",
    topic: "roads/measured",
    payload: third,
    gives: {
      readings: [
        {
          ...site,
          name: "vehicleFlow.1",
          value: 360,
          property: "vehicle_flow",
          unit: "{vehicle}/h",
          channel: "index-1",
        },
        {
          ...site,
          time: { instant: time.instant - 60_000 },
          name: "averageVehicleSpeed.4",
          value: 63.5,
          property: "vehicle_speed",
          unit: "km/h",
          channel: "index-4",
        },
        {
          ...site,
          time: { instant: time.instant - 60_000 },
          name: "speedPercentile.4",
          value: 71,
          property: "vehicle_speed",
          unit: "km/h",
          channel: "index-4-v85",
        },
      ],
    },
  },
  {
    name: "version 2: occupancy, travel time, state of traffic and weather; a temperature may be below zero",
    topic: "roads/datex2",
    payload: gzipSync(
      second(
        [
          value(1, "TrafficConcentration", "<occupancy><percentage>12.5</percentage></occupancy>"),
          value(
            2,
            "TravelTimeData",
            "<travelTime><duration>48</duration></travelTime><freeFlowTravelTime><duration>40</duration></freeFlowTravelTime>",
          ),
          status,
          value(
            11,
            "RoadSurfaceConditionInformation",
            "<roadSurfaceConditionMeasurements><roadSurfaceTemperature><temperature>-3.5</temperature></roadSurfaceTemperature></roadSurfaceConditionMeasurements>",
          ),
          value(12, "WindInformation", "<wind><windSpeed><speed>18</speed></windSpeed></wind>"),
        ].join(""),
      ),
    ),
    gives: {
      readings: [
        { ...site, name: "occupancy.1", value: 12.5, property: "occupancy", unit: "%", channel: "index-1" },
        { ...site, name: "travelTime.2", value: 48, property: "travel_time", unit: "s", channel: "index-2" },
        {
          ...site,
          name: "freeFlowTravelTime.2",
          value: 40,
          property: "travel_time",
          unit: "s",
          channel: "index-2-free-flow",
        },
        { ...site, name: "trafficStatus.9", value: "free_flow", property: "traffic_state", channel: "index-9" },
        {
          ...site,
          name: "roadSurfaceTemperature.11",
          value: -3.5,
          property: "road_surface_temperature",
          unit: "Cel",
          channel: "index-11",
        },
        { ...site, name: "windSpeed.12", value: 18, property: "wind_speed", unit: "km/h", channel: "index-12" },
      ],
    },
  },
  {
    name: "what is not known is refused beside the others; a time without a zone is the site's wall clock",
    topic: "roads/measured",
    payload: second(
      `${value(1, "PollutionInformation", "<pollution><pollutantType>ozone</pollutantType></pollution>")}${status}${value(
        3,
        "TrafficSpeed",
        "<averageVehicleSpeed><speed>INF</speed></averageVehicleSpeed>",
      )}`,
      "2026-03-29T01:15:00",
    ),
    gives: {
      readings: [
        {
          device: "datex2:SITE_1",
          time: { local: "2026-03-29T01:15:00" },
          name: "trafficStatus.9",
          value: "free_flow",
          property: "traffic_state",
          channel: "index-9",
        },
      ],
      refusals: [
        { code: "unknown_property", reading: "PollutionInformation" },
        { code: "invalid_value", reading: "averageVehicleSpeed" },
      ],
    },
  },
  {
    name: "a publication of situations measures nothing",
    topic: "roads/situations",
    payload: '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0"><payloadPublication/></d2LogicalModel>',
    gives: { skipped: true },
  },
  {
    name: "entities of a document type are never expanded",
    topic: "roads/measured",
    payload: `<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><d2LogicalModel>&b;</d2LogicalModel>`,
    gives: { refused: "malformed" },
  },
  {
    name: "XML that does not end is refused",
    topic: "roads/measured",
    payload: third.slice(0, 1200),
    gives: { refused: "malformed" },
  },
  {
    name: "XML deeper than any document is refused",
    topic: "roads/measured",
    payload: `<d2LogicalModel>${"<a>".repeat(100)}`,
    gives: { refused: "too_deep" },
  },
  {
    name: "car parks of version 2: free and occupied spaces at their own time, below zero is not known, the share says nothing new",
    topic: "datex/parking",
    payload: `<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0"><payloadPublication>
      <publicationTime>2026-03-29T00:20:00Z</publicationTime>
      <genericPublicationExtension><parkingFacilityTableStatusPublication>
        <parkingAreaStatus><parkingAreaOccupancy>0.4</parkingAreaOccupancy>
          <parkingAreaReference targetClass="ParkingArea" id="centre" version="1"/>
          <parkingAreaTotalNumberOfVacantParkingSpaces>512</parkingAreaTotalNumberOfVacantParkingSpaces></parkingAreaStatus>
        <parkingFacilityStatus><parkingFacilityReference targetClass="ParkingFacility" id="7[Old Market]" version="1"/>
          <parkingFacilityStatus>open</parkingFacilityStatus>
          <parkingFacilityStatusTime>2026-03-29T00:19:30Z</parkingFacilityStatusTime>
          <totalNumberOfOccupiedParkingSpaces>123</totalNumberOfOccupiedParkingSpaces>
          <totalNumberOfVacantParkingSpaces>-1</totalNumberOfVacantParkingSpaces></parkingFacilityStatus>
      </parkingFacilityTableStatusPublication></genericPublicationExtension></payloadPublication></d2LogicalModel>`,
    gives: {
      readings: [
        {
          device: "datex2:centre",
          time: { instant: Date.parse("2026-03-29T00:20:00Z") },
          name: "parkingAreaTotalNumberOfVacantParkingSpaces",
          property: "free_spaces",
          value: 512,
          unit: "{space}",
        },
        {
          device: "datex2:7[Old_Market]",
          time: { instant: Date.parse("2026-03-29T00:19:30Z") },
          name: "totalNumberOfOccupiedParkingSpaces",
          property: "occupied_spaces",
          value: 123,
          unit: "{space}",
        },
      ],
    },
  },
  {
    name: "car parks of version 3; one number that is none is refused",
    topic: "datex/parking",
    payload: `<m:messageContainer xmlns:m="http://datex2.eu/schema/3/messageContainer" xmlns:p="urn:p"><m:payload>
      <p:parkingRecordStatus><p:parkingRecordReference id="P1"/>
        <p:parkingStatusOriginTime>2026-03-29T00:19:30Z</p:parkingStatusOriginTime>
        <p:parkingOccupancy><p:parkingNumberOfVacantSpaces>40</p:parkingNumberOfVacantSpaces>
          <p:parkingNumberOfOccupiedSpaces>some</p:parkingNumberOfOccupiedSpaces>
          <p:parkingOccupancy>9.1</p:parkingOccupancy></p:parkingOccupancy></p:parkingRecordStatus>
      </m:payload></m:messageContainer>`,
    gives: {
      readings: [
        {
          device: "datex2:P1",
          time: { instant: Date.parse("2026-03-29T00:19:30Z") },
          name: "parkingNumberOfVacantSpaces",
          property: "free_spaces",
          value: 40,
          unit: "{space}",
        },
      ],
      refusals: [{ code: "invalid_value", reading: "parkingNumberOfOccupiedSpaces" }],
    },
  },
];
