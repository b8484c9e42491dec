import type { Command } from "./command.ts";
import { decode } from "./decode.ts";
import { exportFile } from "./export.ts";
import { month } from "./month.ts";
import { profile } from "./profile.ts";
import { remove } from "./remove.ts";
import { token } from "./token.ts";

/** Everything that `messnetz` can do. A new command is a file and a line here. */
export const commands: readonly Command[] = [decode, exportFile, month, profile, remove, token];
