/**
 * The order in which PyTorch's definition names a network's modules: that of
 * `__init__`, which state dicts follow, not that of `forward`.
 *
 * @module
 */

interface Module {
  readonly children: Map<string, Module>;
}

const module = (): Module => ({ children: new Map() });

/** Paths of modules, ordered as they are defined: as declared, else as they come. */
export class ModuleTree {
  readonly #root: Module = module();

  /** Says in which order the children of `path` are defined; children that are never placed do no harm. */
  declare(path: string, children: readonly string[]): void {
    const parent = this.#at(path);
    for (const child of children) this.#child(parent, child);
  }

  /** Takes note of a layer. */
  place(path: string): void {
    this.#at(path);
  }

  /** The rank of each path. */
  ranks(): Map<string, number> {
    const ranks = new Map<string, number>();
    const visit = (parent: Module, path: string) => {
      for (const [name, child] of parent.children) {
        const childPath = joinPath(path, name);
        ranks.set(childPath, ranks.size);
        visit(child, childPath);
      }
    };
    visit(this.#root, "");
    return ranks;
  }

  #at(path: string): Module {
    if (path === "") return this.#root;
    return path.split(".").reduce((parent, name) => this.#child(parent, name), this.#root);
  }

  #child(parent: Module, name: string): Module {
    const found = parent.children.get(name);
    if (found !== undefined) return found;
    const child = module();
    parent.children.set(name, child);
    return child;
  }
}

/** `name` below `path`, as PyTorch writes it. */
export function joinPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
