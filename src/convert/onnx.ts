/** Writes ONNX models (github.com/onnx/onnx, onnx.proto) whose large tensors lie in one external file. */
import { asBytes } from './bytes.ts';
import { ProtoWriter } from './protobuf.ts';

/** Values of TensorProto.DataType. */
export const ElementType = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** Values of AttributeProto.AttributeType. */
const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;
const IR_VERSION = 8;
const OPSET = 17;
const CONTRIB = 'com.microsoft';
/** Tensors start at multiples of this, so that a runtime may use them in place. */
const DATA_ALIGNMENT = 64;

/** Integers as given, floats wrapped: a whole number would not show which it is. */
export type Attribute = number | string | readonly number[] | { float: number };

/** Name under which the external data must be handed to the runtime. */
export const EXTERNAL_DATA = 'weights.bin';

/** Bytes an element. */
const ELEMENT_BYTES: Record<ElementType, number> = { 1: 4, 2: 1, 6: 4, 7: 8, 9: 1, 10: 2 };

interface External {
  offset: number;
  make(): ArrayBufferView;
}

/** A graph under construction: every method that adds a value returns its name. */
export class OnnxBuilder {
  private readonly graph = new ProtoWriter();
  private readonly external: External[] = [];
  private readonly constants = new Map<string, string>();
  private externalSize = 0;
  private count = 0;

  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.graph.bytes(11, valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.graph.bytes(12, valueInfo(name, type, shape));
  }

  /** A node with one output, or with those named in `outputs`; '' stands for an absent optional input. */
  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, outputs?: readonly string[]): string {
    return this.add(op, '', inputs, attributes, outputs ?? [this.fresh(op)]);
  }

  /** A node of ONNX Runtime's own operators. */
  contrib(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, outputs?: readonly string[]): string {
    return this.add(op, CONTRIB, inputs, attributes, outputs ?? [this.fresh(op)]);
  }

  /** A large tensor, its bytes kept outside of the model; a function is called when they are written, one tensor at a time. */
  tensor(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView | (() => ArrayBufferView)): string {
    const length = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
    const offset = Math.ceil(this.externalSize / DATA_ALIGNMENT) * DATA_ALIGNMENT;
    const proto = tensorProto(name, type, shape);
    for (const [key, value] of [['location', EXTERNAL_DATA], ['offset', String(offset)], ['length', String(length)]] as const) {
      proto.bytes(13, new ProtoWriter().bytes(1, key).bytes(2, value));
    }
    this.graph.bytes(5, proto.integer(14, 1));
    this.external.push({ offset, make: typeof data === 'function' ? data : () => data });
    this.externalSize = offset + length;
    return name;
  }

  /** An int64 constant: a list, or one number as a scalar. Equal ones are shared. */
  int64(value: number | readonly number[]): string {
    const key = JSON.stringify(value);
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('int64');
    const list = typeof value === 'number' ? [value] : value;
    const data = BigInt64Array.from(list, BigInt);
    this.graph.bytes(5, tensorProto(name, ElementType.int64, typeof value === 'number' ? [] : [list.length]).bytes(9, asBytes(data)));
    this.constants.set(key, name);
    return name;
  }

  /** A small constant with its bytes inside the model. */
  constant(type: ElementType, shape: readonly number[], data: ArrayBufferView): string {
    const name = this.fresh('constant');
    this.graph.bytes(5, tensorProto(name, type, shape).bytes(9, asBytes(data)));
    return name;
  }

  finish(): { model: Uint8Array; data: Uint8Array } {
    const opset = (domain: string, version: number) => new ProtoWriter().bytes(1, domain).integer(2, version);
    const model = new ProtoWriter()
      .integer(1, IR_VERSION)
      .bytes(2, 'verselet')
      .bytes(7, this.graph.bytes(2, 'gpt2'))
      .bytes(8, opset('', OPSET))
      .bytes(8, opset(CONTRIB, 1));
    const data = new Uint8Array(this.externalSize);
    for (const { offset, make } of this.external) data.set(asBytes(make()), offset);
    return { model: model.finish(), data };
  }

  private add(
    op: string,
    domain: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    outputs: readonly string[],
  ): string {
    const node = new ProtoWriter();
    for (const input of inputs) node.bytes(1, input);
    for (const output of outputs) node.bytes(2, output);
    node.bytes(3, this.fresh(`node_${op}`)).bytes(4, op);
    for (const [name, value] of Object.entries(attributes)) node.bytes(5, attributeProto(name, value));
    this.graph.bytes(1, node.bytes(7, domain));
    return outputs[0]!;
  }

  private fresh(stem: string): string {
    this.count += 1;
    return `${stem}_${this.count}`;
  }
}

function attributeProto(name: string, value: Attribute): ProtoWriter {
  const proto = new ProtoWriter().bytes(1, name);
  if (typeof value === 'number') return proto.integer(3, value).integer(20, AttributeType.int);
  if (typeof value === 'string') return proto.bytes(4, value).integer(20, AttributeType.string);
  if ('float' in value) return proto.float(2, value.float).integer(20, AttributeType.float);
  for (const item of value) proto.integer(8, item);
  return proto.integer(20, AttributeType.ints);
}

function tensorProto(name: string, type: ElementType, shape: readonly number[]): ProtoWriter {
  const proto = new ProtoWriter();
  for (const size of shape) proto.integer(1, size);
  return proto.integer(2, type).bytes(8, name);
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ProtoWriter {
  const dims = new ProtoWriter();
  for (const size of shape) {
    dims.bytes(1, typeof size === 'number' ? new ProtoWriter().integer(1, size) : new ProtoWriter().bytes(2, size));
  }
  const tensor = new ProtoWriter().integer(1, type).bytes(2, dims);
  return new ProtoWriter().bytes(1, name).bytes(2, new ProtoWriter().bytes(1, tensor));
}
