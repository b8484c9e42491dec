// pnpm in the version that the lock file was made with, on the pinned Node: node bootstrap/pnpm.mjs add …
import { spawnSync } from "node:child_process";
import process from "node:process";
import { provide, providePnpm } from "./provide.mjs";

const result = spawnSync(process.execPath, [await providePnpm(), ...process.argv.slice(2)], { stdio: "inherit" });
if (result.status === 0) await provide();
process.exit(result.status ?? 1);
