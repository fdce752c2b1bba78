import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A shape of the service's API model, as far as inputs need it. */
interface Shape {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
}

export interface ApiModel {
  readonly operations: Readonly<Record<string, { readonly input: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const file = fileURLToPath(new URL('../../../../shared/reference/secretsmanager-api.json', import.meta.url));

/** The model, where it lies beside the repository; it is no part of it. */
export const apiModel: ApiModel | undefined = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as ApiModel)
  : undefined;

/** One way to break one constraint of one member of an operation's input. */
export interface Breach {
  /** As the service names the place, such as `tags.1.member.key`. */
  readonly place: string;
  readonly constraint: string;
  readonly input: Record<string, unknown>;
}

type Path = readonly (string | number)[];

/** Every constraint of every member of an operation's input, each broken once in an input that is right otherwise. */
export function breaches(model: ApiModel, operation: string): Breach[] {
  const root = model.operations[operation]?.input.shape ?? '';
  const valid = Object.fromEntries(
    (model.shapes[root]?.required ?? []).map((name) => [name, example(model, memberShape(model, root, name))]),
  );
  return [...ofShape(model, root, [])].map(({ path, constraint, value }) => ({
    place: placeOf(path),
    constraint,
    input: set(valid, path, value) as Record<string, unknown>,
  }));
}

/** An input that breaks nothing: the required members alone. */
export function validInput(model: ApiModel, operation: string): Record<string, unknown> {
  const root = model.operations[operation]?.input.shape ?? '';
  return Object.fromEntries(
    (model.shapes[root]?.required ?? []).map((name) => [name, example(model, memberShape(model, root, name))]),
  );
}

interface Broken {
  readonly path: Path;
  readonly constraint: string;
  readonly value: unknown;
}

function* ofShape(model: ApiModel, name: string, path: Path): Generator<Broken> {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
  if (path.length > 0) yield* ofOne(model, shape, path);
  for (const member of shape.required ?? [])
    yield { path: [...path, member], constraint: 'required', value: undefined };
  for (const [member, { shape: of }] of Object.entries(shape.members ?? {}))
    yield* ofShape(model, of, [...path, member]);
  if (shape.member !== undefined) yield* ofShape(model, shape.member.shape, [...path, 0]);
}

function* ofOne(model: ApiModel, shape: Shape, path: Path): Generator<Broken> {
  const broken = (constraint: string, value: unknown): Broken => ({ path, constraint, value });
  yield broken('type', shape.type === 'structure' || shape.type === 'list' ? 'text' : { wrong: true });
  const { min, max, pattern } = shape;
  const items = (count: number): unknown[] =>
    Array.from({ length: count }, () => example(model, shape.member?.shape ?? ''));
  const sized = (size: number): unknown =>
    shape.type === 'string'
      ? 'a'.repeat(size)
      : shape.type === 'blob'
        ? Buffer.alloc(size).toString('base64')
        : shape.type === 'list'
          ? items(size)
          : size;
  if (max !== undefined) yield broken('max', sized(max + 1));
  if (min !== undefined && min > 0) yield broken('min', sized(min - 1));
  // A character that none of the patterns has.
  if (pattern !== undefined) yield broken('pattern', '§'.repeat(Math.max(min ?? 1, 1)));
  if (shape.enum !== undefined) yield broken('enum', 'no-such-value');
}

function example(model: ApiModel, name: string): unknown {
  const shape = model.shapes[name];
  if (shape?.enum !== undefined) return shape.enum[0];
  switch (shape?.type) {
    case 'structure':
      return {};
    case 'list':
      return [example(model, shape.member?.shape ?? '')];
    case 'string':
      return name === 'RegionType' ? 'eu-west-1' : 'a'.repeat(Math.max(shape.min ?? 1, 1));
    case 'boolean':
      return false;
    default:
      return shape?.min ?? 1;
  }
}

function memberShape(model: ApiModel, root: string, name: string): string {
  return model.shapes[root]?.members?.[name]?.shape ?? '';
}

function set(target: unknown, [head, ...rest]: Path, value: unknown): unknown {
  if (head === undefined) return value;
  if (typeof head === 'number') return [set(Array.isArray(target) ? target[0] : undefined, rest, value)];
  const object = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>;
  return { ...object, [head]: set(object[head], rest, value) };
}

function placeOf(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `${key + 1}.member` : key.charAt(0).toLowerCase() + key.slice(1)))
    .join('.');
}
