// Asks the container's own service whether it can do its work. Plain JavaScript with nothing to load: it runs every few seconds.
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import process from "node:process";

const url = process.env.HEALTH_URL;
if (url !== undefined && url !== "") {
  const get = url.startsWith("https:") ? getHttps : getHttp;
  // To itself: the certificate is made for the name that others use.
  const request = get(url, { timeout: 4000, rejectUnauthorized: false }, (response) => {
    response.resume();
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  });
  request.on("timeout", () => request.destroy(new Error("no answer")));
  request.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
