import { JsonCursor, type Names, namesOf } from './cursor.ts';

/**
 * What most events of a format look like, as a tree of the keys that matter. All other keys may hold anything.
 * A JSON text of another shape is no mistake: it is read with JSON.parse.
 */
export type Shape =
  /** An object. `required` of its keys have to be there; a key that comes twice is another shape. */
  | { readonly object: Readonly<Record<string, Shape>>; readonly required?: readonly string[] }
  /** An array of one element. */
  | { readonly one: Shape }
  /** Text of the answer, or null. In one event only one such text may be there that is not empty. */
  | 'text'
  /** As `text`, and it is what a model thinks. */
  | 'reasoning'
  | 'null'
  | 'false'
  /** A number of the event, kept under its name. */
  | { readonly integer: string }
  /** One of these words. A shape may have one choice of several. */
  | { readonly word: readonly string[] };

const OBJECT = 0;
const ONE = 1;
const TEXT = 2;
const NULL = 3;
const FALSE = 4;
const INTEGER = 5;
const WORD = 6;

/** Types of events whose text is reasoning. */
const REASONING = /reasoning/;

const NO_NAMES = namesOf([]);

/** A shape, made ready to be walked along. One class, so that the walk is compiled once. */
class Node {
  readonly kind: number;
  /** Keys of an object, or words. */
  readonly names: Names;
  readonly children: readonly Node[];
  /** Bits of the keys that have to be there. */
  readonly required: number;
  /** Where a number is kept; which of the texts it is, counted in the order of the shape. */
  readonly slot: number;

  constructor(kind: number, slot = 0, names: Names = NO_NAMES, children: readonly Node[] = [], required = 0) {
    this.kind = kind;
    this.names = names;
    this.children = children;
    this.required = required;
    this.slot = slot;
  }
}

/** Walks along a shape over the bytes of JSON texts, without making a value. Shared by the streams of a target. */
export class JsonScanner {
  readonly cursor = new JsonCursor();
  readonly #root: Node;
  readonly #names: string[] = [];
  readonly #numbers: number[] = [];
  #texts = 0;
  /** Which texts, and which words, say that the text is reasoning. */
  readonly #reasoningTexts: boolean[] = [];
  readonly #reasoningWords: boolean[] = [];
  /** Code points of the text of the answer. */
  characters = 0;
  /** Which of the texts of the shape held it, counted from 0; −1 where all were empty. */
  text = -1;
  /** How many of the numbers of the shape were there. */
  integers = 0;
  /** Which of several words stood there, counted from 0; −1 where there is no such choice. */
  word = -1;

  constructor(shape: Shape) {
    this.#root = this.#node(shape);
  }

  /** @returns where a number of the shape is kept, for {@link number}; −1 where the shape has none of that name */
  slotOf(name: string): number {
    return this.#names.indexOf(name);
  }

  /** @returns the number in a slot, of the last text; −1 for none */
  number(slot: number): number {
    return slot < 0 ? -1 : this.#numbers[slot]!;
  }

  /** Whether the text of the last scan was reasoning. */
  get isReasoning(): boolean {
    return this.#reasoningTexts[this.text] === true || this.#reasoningWords[this.word] === true;
  }

  /** @returns whether the text is of the shape; only then does the rest mean anything */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.characters = this.integers = 0;
    this.text = this.word = -1;
    const numbers = this.#numbers;
    for (let i = 0; i < numbers.length; i++) numbers[i] = -1;
    const { cursor } = this;
    cursor.open(bytes, start, end);
    this.#object(this.#root);
    return cursor.done();
  }

  #walk(node: Node): void {
    const { cursor } = this;
    switch (node.kind) {
      case OBJECT:
        if (!cursor.skipNull()) this.#object(node);
        break;
      case TEXT:
        if (!cursor.skipNull()) this.#text(node);
        break;
      case NULL:
        if (!cursor.skipNull()) cursor.fail();
        break;
      case INTEGER:
        this.#numbers[node.slot] = cursor.integer();
        this.integers++;
        break;
      case ONE:
        if (!cursor.enterArray()) cursor.fail();
        else {
          this.#walk(node.children[0]!);
          if (cursor.nextElement()) cursor.fail();
        }
        break;
      case WORD:
        this.#word(node);
        break;
      case FALSE:
        if (!cursor.skipFalse()) cursor.fail();
    }
  }

  #object(node: Node): void {
    const { cursor } = this;
    const { names, children } = node;
    let seen = 0;
    for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
      const i = cursor.keyAmong(names);
      if (i < 0) cursor.skip();
      else {
        seen = cursor.once(seen, 1 << i);
        this.#walk(children[i]!);
      }
    }
    if ((seen & node.required) !== node.required) cursor.fail();
  }

  #text({ slot }: Node): void {
    const characters = this.cursor.text();
    if (characters <= 0) return;
    if (this.characters > 0) this.cursor.fail();
    this.characters = characters;
    this.text = slot;
  }

  #word({ names }: Node): void {
    const { cursor } = this;
    if (!cursor.word()) return;
    const n = cursor.wordAmong(names);
    if (n < 0) cursor.fail();
    else if (names.codes.length > 1) this.word = n;
  }

  #node(shape: Shape): Node {
    if (shape === 'text') return new Node(TEXT, this.#texts++);
    if (shape === 'reasoning') {
      this.#reasoningTexts[this.#texts] = true;
      return new Node(TEXT, this.#texts++);
    }
    if (shape === 'null') return new Node(NULL);
    if (shape === 'false') return new Node(FALSE);
    if ('one' in shape) return new Node(ONE, 0, NO_NAMES, [this.#node(shape.one)]);
    if ('word' in shape) {
      shape.word.forEach((word, n) => {
        this.#reasoningWords[n] = REASONING.test(word);
      });
      return new Node(WORD, 0, namesOf(shape.word));
    }
    if ('integer' in shape) {
      this.#names.push(shape.integer);
      this.#numbers.push(-1);
      return new Node(INTEGER, this.#names.length - 1);
    }
    const keys = Object.keys(shape.object);
    const children = keys.map((key) => this.#node(shape.object[key]!));
    const required = (shape.required ?? []).reduce((bits, key) => bits | (1 << keys.indexOf(key)), 0);
    return new Node(OBJECT, 0, namesOf(keys), children, required);
  }
}
