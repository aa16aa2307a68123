/**
 * The few names of a document that the page uses. Deno does not have them, and
 * TypeScript's `dom` library would change the types of all other files of a program.
 *
 * @module
 */

/** An element, as far as the page needs it to be one. */
export interface PageElement extends EventTarget {
  /** Its text. */
  textContent: string | null;
  /** Whether it is left out. */
  hidden: boolean;
  /** Of what a person can use: whether they cannot. */
  disabled: boolean;
  /** Of a box: whether it is ticked. */
  checked: boolean;
  /** Of a field, a choice or a progress bar: what it holds. */
  value: string | number;
  /** Of a link. */
  href: string;
  /** Of a link: what a file is called. */
  download: string;
  /** Of a field for files. */
  readonly files: ArrayLike<File> | null;
  /** Its id. */
  id: string;
  /** Its classes. */
  className: string;
  /** How far its content is scrolled. */
  scrollTop: number;
  /** How high its content is. */
  readonly scrollHeight: number;
  /** Puts nodes, or text, in the place of what it holds. */
  replaceChildren(...nodes: readonly (PageElement | string)[]): void;
  /** Adds nodes, or text, behind what it holds. */
  append(...nodes: readonly (PageElement | string)[]): void;
  /** Sets an attribute. */
  setAttribute(name: string, value: string): void;
  /** Takes an attribute away. */
  removeAttribute(name: string): void;
  /** The elements below that match a selector. */
  querySelectorAll(selector: string): Iterable<PageElement>;
  /** The first of them. */
  querySelector(selector: string): PageElement | null;
  /** What it holds, as a list that changes with it. */
  readonly childNodes: Iterable<PageElement>;
  /** Gives it the focus. */
  focus(): void;
  /** As a person would. */
  click(): void;
  /** Of a form: whether all of its fields are in order; says what is not. */
  reportValidity(): boolean;
}

/** A document. */
export interface PageDocument extends EventTarget {
  /** What the page's own addresses are relative to. */
  readonly baseURI: string;
  /** `visible` or `hidden`. */
  readonly visibilityState: string;
  /** What has the focus. */
  readonly activeElement: PageElement | null;
  /** The element with this id. */
  getElementById(id: string): PageElement | null;
  /** An element. */
  createElement(tag: string): PageElement;
  /** The first element that matches a selector. */
  querySelector(selector: string): PageElement | null;
}

const { document: found, DOMParser } = globalThis as unknown as {
  document: PageDocument;
  DOMParser: new () => { parseFromString(text: string, type: "text/html"): PageDocument };
};

/** The page's document. */
export const page: PageDocument = found;

/** The document that HTML describes; no script in it runs, and nothing is loaded. */
export function parseDocument(html: string): PageDocument {
  return new DOMParser().parseFromString(html, "text/html");
}

/**
 * The element with this id.
 *
 * @throws {TypeError} Where there is none: page and script do not belong together.
 */
export function byId(id: string): PageElement {
  const element = page.getElementById(id);
  if (element === null) throw new TypeError(`Expected an element #${id} in the page but found none`);
  return element;
}

/** An element with these attributes that holds these nodes. */
export function create(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...nodes: readonly (PageElement | string)[]
): PageElement {
  const element = page.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...nodes);
  return element;
}
