/**
 * The UCUM units that towns' devices use; everything else is refused. Definitions: The Unified Code for Units of Measure,
 * tables 1 to 21 (https://ucum.org/ucum). Two differences, neither of which a conversion can see: the base unit of angle is the degree instead of the
 * radian, so that it stays rational, and levels (`dB`, `[pH]`) are units of their own, because no device's level may become a ratio.
 */
export interface Atom {
  /** May carry a prefix. */
  readonly metric: boolean;
  /** How many of `of` one unit is: a decimal or a fraction. */
  readonly value: string;
  /** UCUM code; absent for a base unit. */
  readonly of?: string;
  /** Where its zero lies, in base units. A unit with one stands alone: it is a point of a scale, not a size. */
  readonly zero?: string;
  /** Stands alone for another reason: logarithmic. */
  readonly level?: true;
  /** A ratio written as a number of parts (`%`): commensurable with `1`, but not with a count. */
  readonly parts?: true;
}

/** Powers of ten. */
export const prefixes: ReadonlyMap<string, number> = new Map([
  ["T", 12],
  ["G", 9],
  ["M", 6],
  ["k", 3],
  ["h", 2],
  ["da", 1],
  ["d", -1],
  ["c", -2],
  ["m", -3],
  ["u", -6],
  ["n", -9],
  ["p", -12],
]);

const base: Atom = { metric: true, value: "1" };
const level: Atom = { metric: false, value: "1", level: true };

function metric(of: string, value = "1"): Atom {
  return { metric: true, value, of };
}

function plain(value: string, of: string): Atom {
  return { metric: false, value, of };
}

function parts(value: string): Atom {
  return { metric: false, value, of: "1", parts: true };
}

export const atoms: ReadonlyMap<string, Atom> = new Map<string, Atom>([
  ["m", base],
  ["s", base],
  ["g", base],
  ["K", base],
  ["A", base],
  ["cd", base],
  ["deg", { metric: false, value: "1" }],

  ["rad", metric("deg", "57.2957795130823208767981548141")],
  ["sr", metric("rad2")],
  ["'", plain("1/60", "deg")],
  ["''", plain("1/3600", "deg")],

  ["min", plain("60", "s")],
  ["h", plain("3600", "s")],
  ["d", plain("86400", "s")],
  ["wk", plain("7", "d")],
  ["mo", plain("1/12", "a")],
  ["a", plain("365.25", "d")],
  ["Hz", metric("s-1")],

  ["L", metric("dm3")],
  ["l", metric("dm3")],
  ["t", metric("kg", "1000")],
  ["N", metric("kg.m/s2")],
  ["Pa", metric("N/m2")],
  ["bar", metric("Pa", "100000")],
  ["atm", plain("101325", "Pa")],
  ["m[H2O]", metric("kPa", "9.80665")],
  ["m[Hg]", metric("kPa", "133.322")],
  ["J", metric("N.m")],
  ["W", metric("J/s")],
  ["cal", metric("J", "4.184")],
  ["cal_IT", metric("J", "4.1868")],

  ["V", metric("W/A")],
  ["Ohm", metric("V/A")],
  ["S", metric("A/V")],
  ["T", metric("V.s/m2")],
  // Not in UCUM, but IEC 80000-6's name of the unit of reactive power; canonical units are written `V.A{reactive}`.
  ["var", metric("V.A")],

  ["lm", metric("cd.sr")],
  ["lx", metric("lm/m2")],
  ["Bq", metric("s-1")],
  ["Gy", metric("J/kg")],
  ["Sv", metric("J/kg")],

  ["Cel", { metric: true, value: "1", of: "K", zero: "273.15" }],
  ["[degF]", { metric: false, value: "5/9", of: "K", zero: "45967/180" }],

  ["%", parts("1/100")],
  ["[ppth]", parts("1/1000")],
  ["[ppm]", parts("1/1000000")],
  ["[ppb]", parts("1/1000000000")],

  ["dB", level],
  ["B[SPL]", { ...level, metric: true }],
  ["dB[mW]", level], // not in UCUM: formed as its `B[W]` is, because radio modules speak it
  ["[pH]", level],
  // Not in UCUM, which lets no scale point into a product: registers E8 and E9 of heat meters add up volume times temperature in Celsius.
  ["m3.Cel", level],

  ["[in_i]", plain("2.54", "cm")],
  ["[ft_i]", plain("12", "[in_i]")],
  ["[yd_i]", plain("3", "[ft_i]")],
  ["[mi_i]", plain("5280", "[ft_i]")],
  ["[nmi_i]", plain("1852", "m")],
  ["[kn_i]", plain("1", "[nmi_i]/h")],
  ["[cft_i]", plain("1", "[ft_i]3")],
  ["[gal_us]", plain("231", "[in_i]3")],
  ["[lb_av]", plain("453.59237", "g")],
  ["[lbf_av]", plain("4.4482216152605", "N")],
  ["[psi]", plain("1", "[lbf_av]/[in_i]2")],
  ["[in_i'Hg]", plain("0.0254", "m[Hg]")],
]);
