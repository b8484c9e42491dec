export { type CheckedProfile, checkProfileText, type ProfileCodecs, type ProfileText } from "./check-profile.ts";
export * from "./check-profile-files.ts";
export { loadOwnAndBroughtProfiles, ProfileFilesError } from "./load-profiles.ts";
export * from "./profiles-config.ts";
export * from "./service-profiles.ts";
export { type FileProblem, fileProblemText } from "./yaml-text.ts";
