/**
 * Imports the main module in a fresh process; prints the milliseconds and the
 * devices that the import touched, as JSON.
 *
 * @module
 */
const started = performance.now();
await import("@convbench/convbench");
const ms = performance.now() - started;

const tf = await import("@tensorflow/tfjs-core");
console.log(
  JSON.stringify({ ms, backend: tf.getBackend() ?? "", factories: Object.keys(tf.engine().registryFactory) }),
);
