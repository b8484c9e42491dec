/** What went wrong, in a sentence, and what a person can do about it. */
export class Trouble extends Error {
  constructor(message, remedy, cause) {
    super(message, { cause });
    this.name = "Trouble";
    this.remedy = remedy;
  }
}

const remedies = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ERR_PNPM_META_FETCH_FAIL|network/i,
    "The npm registry could not be reached. Needed once: a way to the registry that `npm ping` reaches. Behind a proxy, set it with\n" +
      "`npm config set proxy …` and `npm config set https-proxy …`; for a mirror, `npm config set registry …`. Then try again.",
  ],
  [
    /EACCES|EPERM|EROFS/,
    "A folder could not be written. Run it as the user who owns the project's folder (npm's cache and pnpm's store lie in the home folder;\n" +
      "both must be writable too), and do not mix runs with and without sudo.",
  ],
  [/ENOSPC/, "The disk is full: the dependencies need about 1 GB, half of it in pnpm's store in the home folder."],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_/,
    "A proxy signs with a certificate of its own: `npm config set cafile <its certificate>`, then try again.",
  ],
  [
    /EINTEGRITY|ERR_PNPM_TARBALL_INTEGRITY/,
    "What the registry sent is not what the lock file expects. Do not go on with it: find out which registry or cache answered (`npm config get registry`).",
  ],
  [
    /OUTDATED_LOCKFILE/,
    "A package.json was changed without its lock file: run `node bootstrap/pnpm.mjs install` and commit pnpm-lock.yaml.",
  ],
  [
    /E404|ERR_PNPM_FETCH_404|NO_MATCHING_VERSION/,
    "The registry in use does not have a pinned version. Is it a mirror that lags behind?",
  ],
];

/** The remedy for what a package manager printed. */
export function remedyFor(output) {
  const known = remedies.filter(([pattern]) => pattern.test(output)).map(([, text]) => text);
  return known.length > 0 ? known.join("\n") : "See what it printed above; then try again.";
}
