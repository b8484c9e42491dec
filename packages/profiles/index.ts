export { type CheckedProfile, checkProfileText, type ProfileCodecs, type ProfileText } from "./check-profile.ts";
export * from "./check-profile-files.ts";
export * from "./load-profiles.ts";
export { type FileProblem, fileProblemText } from "./yaml-text.ts";
