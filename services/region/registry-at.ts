import { connectNats } from "@messnetz/nats";
import { openNatsRegistry, type Registry } from "@messnetz/registry";

/** Opens the registry on the NATS server for as long as the work takes; makes the key of a new one. */
export function registryAt(
  nats: { readonly url: string; readonly user: string; readonly password: string },
  keyFile: string,
): <T>(work: (registry: Registry) => Promise<T>) => Promise<T> {
  return async (work) => {
    const { url, user, password } = nats;
    const link = await connectNats({ urls: [url], user, password, name: "region" });
    try {
      const registry = await openNatsRegistry({ link, keyFile, createKey: true });
      try {
        return await work(registry);
      } finally {
        await registry.close();
      }
    } finally {
      await link.close();
    }
  };
}
