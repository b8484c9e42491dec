import { describe, expect, it } from "vitest";
import { assertSafeBinding, isLoopback, UnsafeBindingError } from "./binding.ts";

describe("isLoopback", () => {
  it.each(["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"])(
    "is true for %s",
    (host) => expect(isLoopback(host)).toBe(true),
  );

  it.each([
    "",
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "128.0.0.1",
    "::2",
    "::ffff:10.0.0.1",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "127.1",
  ])("is false for %j", (host) => expect(isLoopback(host)).toBe(false));
});

describe("assertSafeBinding", () => {
  const what = "the MQTT door (MESSNETZ_MQTT_HOST, MESSNETZ_MQTT_TLS_*)";

  it("lets loopback be without TLS and credentials", () => {
    expect(() => assertSafeBinding({ host: "127.0.0.1", tls: false, credentials: false, what })).not.toThrow();
  });

  it("lets a wider host be with both", () => {
    expect(() => assertSafeBinding({ host: "0.0.0.0", tls: true, what })).not.toThrow();
  });

  it("refuses a wider host without TLS and says what to do", () => {
    const refused = (): void => assertSafeBinding({ host: "0.0.0.0", tls: false, what });
    expect(refused).toThrow(UnsafeBindingError);
    expect(refused).toThrow(/MESSNETZ_MQTT_TLS_.*0\.0\.0\.0.*no TLS.*Set a certificate.*127\.0\.0\.1/);
  });

  it("refuses a wider host without credentials, and an empty one, which is every address", () => {
    expect(() => assertSafeBinding({ host: "::", tls: true, credentials: false, what })).toThrow(/no credentials/);
    expect(() => assertSafeBinding({ host: "", tls: false, what })).toThrow(/every address/);
  });
});
