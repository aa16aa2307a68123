/**
 * Makes this process a task of a cluster of TensorFlow's: its own gRPC server, through
 * a function of the C API that the backend does without (eager/c_api_experimental.h).
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Context } from "../../backends/tensorflow/binding/context.ts";
import { encodeConfig } from "../../backends/tensorflow/capi/config.ts";

/** A cluster of workers, and which of them this process is. */
export interface ClusterSpec {
  /** `host:port` of each worker; the first one leads. */
  readonly addresses: readonly string[];
  /** This process' place among them. */
  readonly task: number;
  /**
   * After how long without a sign of life a worker counts as lost, in seconds: TensorFlow's coordination service, on
   * the first worker, then fails the calls of the others. Without it a lost worker is noticed by the connection alone.
   */
  readonly heartbeatSeconds?: number | undefined;
}

/** The name of the only job. */
const JOB = "worker";

/** Numbers of fields in tensorflow_server.proto, cluster.proto, config.proto and coordination_config.proto. */
const SERVER_DEF = { cluster: 1, jobName: 2, taskIndex: 3, defaultSessionConfig: 4, protocol: 5 } as const;
const CLUSTER_DEF = { job: 1 } as const;
const JOB_DEF = { name: 1, tasks: 2 } as const;
const MAP_ENTRY = { key: 1, value: 2 } as const;
const CONFIG = { experimental: 16 } as const;
const EXPERIMENTAL = { collectiveGroupLeader: 1, coordinationConfig: 23 } as const;
const COORDINATION = {
  serviceType: 1,
  serviceLeader: 2,
  enableHealthCheck: 3,
  registerTimeoutMs: 4,
  heartbeatTimeoutMs: 5,
  coordinatedJobs: 10,
} as const;
const COORDINATED_JOB = { name: 1, tasks: 2 } as const;

/** TensorFlow's name of the first worker. */
const LEADER = `/job:${JOB}/replica:0/task:0`;

/** The serialised `ServerDef`. */
export function encodeServerDef({ addresses, task, heartbeatSeconds }: ClusterSpec): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  const message = (field: number) => writer.tag(field, WireType.LengthDelimited).fork();
  const text = (field: number, value: string) => writer.tag(field, WireType.LengthDelimited).string(value);
  const integer = (field: number, value: number) => writer.tag(field, WireType.Varint).int32(value);

  message(SERVER_DEF.cluster);
  message(CLUSTER_DEF.job);
  text(JOB_DEF.name, JOB);
  for (const [index, address] of addresses.entries()) {
    message(JOB_DEF.tasks);
    integer(MAP_ENTRY.key, index);
    text(MAP_ENTRY.value, address).join();
  }
  writer.join().join();
  text(SERVER_DEF.jobName, JOB);
  integer(SERVER_DEF.taskIndex, task);
  message(SERVER_DEF.defaultSessionConfig);
  // The server makes devices anew, so that it needs the context's configuration; behind one another, messages merge.
  writer.raw(encodeConfig({}));
  message(CONFIG.experimental);
  text(EXPERIMENTAL.collectiveGroupLeader, LEADER);
  if (heartbeatSeconds !== undefined) {
    message(EXPERIMENTAL.coordinationConfig);
    text(COORDINATION.serviceType, "standalone");
    text(COORDINATION.serviceLeader, LEADER);
    writer.tag(COORDINATION.enableHealthCheck, WireType.Varint).bool(true);
    integer(COORDINATION.registerTimeoutMs, 60_000);
    integer(COORDINATION.heartbeatTimeoutMs, Math.round(1000 * heartbeatSeconds));
    message(COORDINATION.coordinatedJobs);
    text(COORDINATED_JOB.name, JOB);
    integer(COORDINATED_JOB.tasks, addresses.length).join();
    writer.join();
  }
  writer.join().join();
  text(SERVER_DEF.protocol, "grpc");
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

const SYMBOLS = {
  TFE_EnableCollectiveOps: { parameters: ["pointer", "buffer", "usize", "pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Starts the server of this process and makes collective ops of `context` go through it; they wait for workers that
 * come later. TensorFlow makes its devices anew: no tensor may lie on a GPU.
 *
 * @throws {TensorFlowError} Where the server does not start: its port is taken.
 */
export function joinCluster({ pointer, status }: Context, library: string, cluster: ClusterSpec): void {
  const { symbols } = Deno.dlopen(library, SYMBOLS);
  const bytes = encodeServerDef(cluster);
  symbols.TFE_EnableCollectiveOps(pointer, bytes, BigInt(bytes.length), status.pointer);
  status.check(() => `Expected ${cluster.addresses[cluster.task]} to be served but TensorFlow failed`);
}
