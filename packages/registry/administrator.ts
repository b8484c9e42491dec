import { everyOperator, type Principal, type Registry } from "./port.ts";

/** Somebody who can let in everybody else, now: neither expired nor limited to some domains. */
function isAdministrator({ operator, scopes, domains, expiresAt }: Principal): boolean {
  const isWhole = operator === everyOperator && scopes.includes("admin") && domains === undefined;
  return isWhole && (expiresAt === undefined || expiresAt > Date.now());
}

export interface AdministratorWish {
  /** Whether one is wanted although there is one: the person who may start the service has lost the token. */
  readonly isWanted: boolean;
  /** Gets the token, which is kept nowhere: shown once, or put where only the administrator reads it. */
  readonly show: (token: string) => void | Promise<void>;
}

/** A registry without an administrator gets one. */
export async function ensureAdministrator(registry: Registry, { isWanted, show }: AdministratorWish): Promise<void> {
  const hasOne = registry.tokens().some(isAdministrator);
  if (hasOne && !isWanted) return;
  const { token } = await registry.issueToken({
    name: hasOne ? "administrator" : "first administrator",
    operator: everyOperator,
    scopes: ["read", "export", "quarantine", "ledger", "admin"],
  });
  await show(token);
}
