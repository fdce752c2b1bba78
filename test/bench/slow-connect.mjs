// Loaded into the function's process before the bundle: each connection to the database begins some milliseconds
// late, as over a network. Nothing else is touched, and no relay stands in between.
import { Socket } from 'node:net';
import { exactPause } from './exact-pause.mjs';

const [port, ms] = (process.env.BENCH_SLOW_CONNECT ?? '').split(':').map(Number);
const connect = Socket.prototype.connect;

Socket.prototype.connect = function slowConnect(...args) {
  const [first] = args;
  // Node calls itself with its own arguments in an array.
  const options = Array.isArray(first) ? first[0] : first;
  const wanted = typeof options === 'object' ? options?.port : options;
  if (Number(wanted) !== port) return connect.apply(this, args);
  this.connecting = true;
  void exactPause(ms).then(() => connect.apply(this, args));
  return this;
};
