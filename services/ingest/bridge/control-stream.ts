import { Duplex } from "node:stream";

/**
 * What mqtt.js takes for its connection: it writes whole packets, and reads those that are pushed. The publishes, which are nearly all that
 * a broker sends, never come this way: mqtt.js acknowledges each by itself, one at a time, and would cost several times more.
 */
export function createControlStream(options: {
  readonly write: (bytes: Uint8Array) => void;
  /** mqtt.js has done with the connection. */
  readonly onDone: () => void;
}): Duplex {
  return new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      options.write(chunk);
      done();
    },
    writev(chunks: { readonly chunk: Uint8Array }[], done) {
      options.write(Buffer.concat(chunks.map(({ chunk }) => chunk)));
      done();
    },
    final(done) {
      options.onDone();
      done();
    },
    destroy(_error, done) {
      options.onDone();
      // mqtt.js hears of errors by its own events.
      done(null);
    },
  });
}
