/**
 * Python's pickles, without Python: a stack machine that builds lists, dicts,
 * numbers and texts, and asks its caller about every class and function by name.
 * Nothing that a pickle says is ever run.
 *
 * The opcodes are those of PyTorch's own `weights_only` reader, and what protocols
 * 4 and 5 have for the same things.
 *
 * @see {@link https://github.com/python/cpython/blob/main/Lib/pickletools.py} for the format
 *
 * @module
 */
import { show } from "../errors.ts";

/** A class or function that the caller knows. */
export interface PickleGlobal {
  /** `module.name`. */
  readonly name: string;
  /** What a call of it gives; left out where it is never called. */
  readonly call?: ((args: unknown[]) => unknown) | undefined;
}

/** What the caller of {@linkcode unpickle} decides. */
export interface PickleHost {
  /** The class or function of that name; throws where it is not allowed. */
  readonly find: (name: string) => PickleGlobal;
  /** The object that lies outside of the pickle, by the identity that the pickle has for it. */
  readonly load: (id: unknown) => unknown;
}

/** An object of a class whose content does not matter. */
export class InertObject {
  /** Of that class. */
  constructor(readonly className: string) {}
}

/** The bytes end inside the pickle: where they are a piece of a file, more of it may help. */
export class UnfinishedPickleError extends RangeError {
  override readonly name = "UnfinishedPickleError";
}

/** `value` for an error message; lists may hold themselves, so that nothing is said of what is in them. */
export function kindOf(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  if (typeof value === "string") return `the text ${show(value.slice(0, 80))}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof InertObject) return value.className;
  return isGlobal(value) ? value.name : "another object";
}

function isGlobal(value: unknown): value is PickleGlobal {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

/**
 * A tensor takes some 35 opcodes. One opcode of one byte makes an object of hundreds: without a limit, a small file
 * could fill the memory.
 */
const STEP_LIMIT = 1_000_000;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");
const NEWLINE = 10;

/** The bytes of a pickle, from front to back. */
class Bytes {
  readonly #view: DataView;
  at = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const start = this.at;
    if (length > this.bytes.length - start) {
      throw new UnfinishedPickleError(
        `Expected the pickle to hold ${length} more bytes at ${start} but found ${this.bytes.length - start}`,
      );
    }
    this.at += length;
    return this.bytes.subarray(start, this.at);
  }

  #number<T>(length: number, read: (view: DataView, at: number) => T): T {
    const { at } = this;
    this.take(length);
    return read(this.#view, at);
  }

  byte = (): number => this.#number(1, (view, at) => view.getUint8(at));
  uint16 = (): number => this.#number(2, (view, at) => view.getUint16(at, true));
  uint32 = (): number => this.#number(4, (view, at) => view.getUint32(at, true));
  int32 = (): number => this.#number(4, (view, at) => view.getInt32(at, true));
  /** As a number: whatever does not fit one is more than there are bytes. */
  uint64 = (): number => this.#number(8, (view, at) => Number(view.getBigUint64(at, true)));
  float64 = (): number => this.#number(8, (view, at) => view.getFloat64(at));

  text(length: number): string {
    try {
      return utf8.decode(this.take(length));
    } catch (cause) {
      if (cause instanceof UnfinishedPickleError) throw cause;
      throw new RangeError("Expected texts of the pickle to be UTF-8 but found other bytes", { cause });
    }
  }

  line(): string {
    const end = this.bytes.indexOf(NEWLINE, this.at);
    if (end < 0) throw new UnfinishedPickleError("Expected the pickle to hold the end of a line but found none");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A whole number of `length` bytes in two's complement. */
  long(length: number): number | bigint {
    const digits = Array.from(this.take(length), (byte) => byte.toString(16).padStart(2, "0")).reverse().join("");
    const value = BigInt.asIntN(8 * length, BigInt(`0x0${digits}`));
    return BigInt.asIntN(53, value) === value ? Number(value) : value;
  }
}

/** The stack, with marks: what lies above the last one is an opcode's list of arguments. */
class Stack {
  #top: unknown[] = [];
  readonly #below: unknown[][] = [];

  push(value: unknown): void {
    this.#top.push(value);
  }

  mark(): void {
    this.#below.push(this.#top);
    this.#top = [];
  }

  /** What lies above the last mark; the mark goes too. */
  toMark(): unknown[] {
    const values = this.#top;
    const below = this.#below.pop();
    if (below === undefined) throw new RangeError("Expected the pickle's stack to hold a mark but found none");
    this.#top = below;
    return values;
  }

  pop(): unknown {
    const value = this.peek();
    this.#top.pop();
    return value;
  }

  peek(): unknown {
    if (this.#top.length === 0) throw new RangeError("Expected the pickle's stack to hold a value but found it empty");
    return this.#top[this.#top.length - 1];
  }

  /** The last `count` values, in order. */
  last(count: number): unknown[] {
    if (this.#top.length < count) {
      throw new RangeError(`Expected the pickle's stack to hold ${count} values but found ${this.#top.length}`);
    }
    return count === 0 ? [] : this.#top.splice(-count);
  }
}

function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`Expected ${what} of the pickle to be a list but found ${kindOf(value)}`);
  }
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`Expected names in the pickle to be texts but found ${kindOf(value)}`);
  }
  return value;
}

class Machine {
  readonly #stack = new Stack();
  readonly #memo = new Map<number, unknown>();

  constructor(readonly input: Bytes, readonly host: PickleHost) {}

  run(): unknown {
    const { input } = this;
    for (let steps = 0;; steps++) {
      if (steps === STEP_LIMIT) {
        throw new RangeError(`Expected the pickle to end within ${STEP_LIMIT} opcodes but found more`);
      }
      const at = input.at;
      const opcode = input.byte();
      if (opcode === 0x2e) return this.#stack.pop(); // STOP
      const step = OPCODES[opcode];
      if (step === undefined) {
        throw new RangeError(
          `Expected an opcode of a pickle of tensors at ${at} but found 0x${opcode.toString(16).padStart(2, "0")}`,
        );
      }
      step(this, this.#stack, input);
    }
  }

  remember(key: number): void {
    this.#memo.set(key, this.#stack.peek());
  }

  get remembered(): number {
    return this.#memo.size;
  }

  recall(key: number): unknown {
    if (!this.#memo.has(key)) throw new RangeError(`Expected the pickle's memo to hold ${key} but found nothing there`);
    return this.#memo.get(key);
  }

  call(callable: unknown, args: unknown): unknown {
    if (!isGlobal(callable) || callable.call === undefined) {
      throw new TypeError(`Expected what the pickle calls to be a function but found ${kindOf(callable)}`);
    }
    return callable.call(listOf(args, "arguments"));
  }

  setItems(target: unknown, items: unknown[]): void {
    if (!(target instanceof Map)) {
      throw new TypeError(`Expected what the pickle fills to be a dict but found ${kindOf(target)}`);
    }
    if (items.length % 2 !== 0) {
      throw new RangeError("Expected items of the pickle to be pairs but found an odd number");
    }
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }

  addTo(target: unknown, items: unknown[]): void {
    if (target instanceof Set) { for (const item of items) target.add(item); }
    else {
      const list = listOf(target, "what is appended to");
      for (const item of items) list.push(item);
    }
  }

  /** Attributes of an object: those of dicts (`_metadata`) and of classes that do not matter are let go. */
  setState(target: unknown): void {
    if (target instanceof Map || target instanceof InertObject) return;
    throw new TypeError(`Expected objects with attributes in the pickle to be dicts but found ${kindOf(target)}`);
  }
}

type Step = (machine: Machine, stack: Stack, input: Bytes) => void;

const push = (read: (input: Bytes) => unknown): Step => (_, stack, input) => stack.push(read(input));
const constant = (value: unknown): Step => (_, stack) => stack.push(value);
const tuple = (count: number): Step => (_, stack) => stack.push(stack.last(count));
const global = (machine: Machine, module: string, name: string) => machine.host.find(`${module}.${name}`);

/** What each opcode does, by its byte; pickletools has the same names. */
const OPCODES: Readonly<Record<number, Step>> = {
  0x80: (_, __, input) => { // PROTO
    const protocol = input.byte();
    if (protocol < 2 || protocol > 5) {
      throw new RangeError(`Expected the protocol of the pickle to be 2 to 5 but found ${protocol}`);
    }
  },
  0x95: (_, __, input) => void input.uint64(), // FRAME
  0x28: (_, stack) => stack.mark(), // MARK
  0x30: (_, stack) => void stack.pop(), // POP
  0x31: (_, stack) => void stack.toMark(), // POP_MARK
  0x32: (_, stack) => stack.push(stack.peek()), // DUP
  0x4e: constant(null), // NONE
  0x88: constant(true), // NEWTRUE
  0x89: constant(false), // NEWFALSE
  0x4a: push((input) => input.int32()), // BININT
  0x4b: push((input) => input.byte()), // BININT1
  0x4d: push((input) => input.uint16()), // BININT2
  0x8a: push((input) => input.long(input.byte())), // LONG1
  0x47: push((input) => input.float64()), // BINFLOAT
  0x58: push((input) => input.text(input.uint32())), // BINUNICODE
  0x8c: push((input) => input.text(input.byte())), // SHORT_BINUNICODE
  0x8d: push((input) => input.text(input.uint64())), // BINUNICODE8
  0x54: push((input) => latin1.decode(input.take(input.uint32()))), // BINSTRING
  0x55: push((input) => latin1.decode(input.take(input.byte()))), // SHORT_BINSTRING
  0x42: push((input) => input.take(input.uint32())), // BINBYTES
  0x43: push((input) => input.take(input.byte())), // SHORT_BINBYTES
  0x8e: push((input) => input.take(input.uint64())), // BINBYTES8
  0x5d: (_, stack) => stack.push([]), // EMPTY_LIST
  0x29: (_, stack) => stack.push([]), // EMPTY_TUPLE
  0x7d: (_, stack) => stack.push(new Map()), // EMPTY_DICT
  0x8f: (_, stack) => stack.push(new Set()), // EMPTY_SET
  0x74: (_, stack) => stack.push(stack.toMark()), // TUPLE
  0x85: tuple(1), // TUPLE1
  0x86: tuple(2), // TUPLE2
  0x87: tuple(3), // TUPLE3
  0x61: (machine, stack) => { // APPEND
    const item = stack.pop();
    machine.addTo(stack.peek(), [item]);
  },
  0x65: (machine, stack) => { // APPENDS
    const items = stack.toMark();
    machine.addTo(stack.peek(), items);
  },
  0x90: (machine, stack) => { // ADDITEMS
    const items = stack.toMark();
    machine.addTo(stack.peek(), items);
  },
  0x73: (machine, stack) => { // SETITEM
    const item = stack.last(2);
    machine.setItems(stack.peek(), item);
  },
  0x75: (machine, stack) => { // SETITEMS
    const items = stack.toMark();
    machine.setItems(stack.peek(), items);
  },
  0x71: (machine, _, input) => machine.remember(input.byte()), // BINPUT
  0x72: (machine, _, input) => machine.remember(input.uint32()), // LONG_BINPUT
  0x94: (machine) => machine.remember(machine.remembered), // MEMOIZE
  0x68: (machine, stack, input) => stack.push(machine.recall(input.byte())), // BINGET
  0x6a: (machine, stack, input) => stack.push(machine.recall(input.uint32())), // LONG_BINGET
  0x63: (machine, stack, input) => stack.push(global(machine, input.line(), input.line())), // GLOBAL
  0x93: (machine, stack) => { // STACK_GLOBAL
    const [module, name] = stack.last(2);
    stack.push(global(machine, textOf(module), textOf(name)));
  },
  0x52: (machine, stack) => { // REDUCE
    const [callable, args] = stack.last(2);
    stack.push(machine.call(callable, args));
  },
  0x81: (machine, stack) => { // NEWOBJ
    const [callable, args] = stack.last(2);
    stack.push(machine.call(callable, args));
  },
  0x62: (machine, stack) => { // BUILD
    stack.pop();
    machine.setState(stack.peek());
  },
  0x51: (machine, stack) => stack.push(machine.host.load(stack.pop())), // BINPERSID
};

/**
 * Reads the pickle at the start of `bytes`; tells how many bytes it took. Tuples and
 * lists become arrays, dicts become maps, whole numbers beyond 2^53 bigints.
 *
 * @throws {RangeError} Where the bytes are no pickle, or end too soon.
 * @throws {TypeError} Where the pickle puts together what does not fit.
 */
export function unpickle(bytes: Uint8Array, host: PickleHost): { value: unknown; length: number } {
  const input = new Bytes(bytes);
  const value = new Machine(input, host).run();
  return { value, length: input.at };
}
