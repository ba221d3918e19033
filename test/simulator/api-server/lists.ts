import type { KubeObject } from '../../../kube/types.ts';
import { badRequest, done, expired } from './answers.ts';
import type { ApiAnswer } from './answers.ts';
import { leaveOut } from './json.ts';
import type { Kind } from './kinds.ts';
import type { Store } from './store.ts';
import { isSelected, selectionOf } from './target.ts';
import type { Target } from './target.ts';

export interface Lists {
  list(kind: Kind, target: Target): ApiAnswer;
  /** No list that was begun can be gone on with. */
  compact(): void;
}

/** A list that is handed out by pages shows one moment, whatever is written meanwhile. */
export function createLists(store: Store, pageSize = Infinity): Lists {
  const begun = new Map<string, { readonly rest: readonly KubeObject[]; readonly revision: string }>();
  let count = 0;

  function page(kind: Kind, items: readonly KubeObject[], limit: number, revision: string): ApiAnswer {
    const rest = items.slice(limit);
    const token = rest.length === 0 ? undefined : `page-${++count}`;
    if (token !== undefined) begun.set(token, { rest, revision });
    return done({
      kind: `${kind.resource.kind}List`,
      apiVersion: kind.resource.apiVersion,
      metadata: {
        resourceVersion: revision,
        ...(token !== undefined && { continue: token, remainingItemCount: rest.length }),
      },
      items: items.slice(0, limit).map(kind.isCustom ? object => object : nameless),
    });
  }

  return {
    list(kind, target) {
      const asked = Number(target.query.get('limit') ?? '0');
      const limit = asked === 0 ? Infinity : Math.min(asked, pageSize);
      const token = target.query.get('continue');
      if (token !== null) {
        const known = begun.get(token);
        if (known === undefined)
          return expired('The provided continue parameter is too old to display a consistent list result.');
        return page(kind, known.rest, limit, known.revision);
      }
      const selection = selectionOf(target);
      if (selection === undefined) return badRequest('field label not supported');
      const items = store
        .collection(kind)
        .list()
        .filter(object => isSelected(selection, object));
      return page(kind, items, limit, String(store.revision()));
    },
    compact: () => begun.clear(),
  };
}

/** Items of built-in kinds say neither kind nor version. */
function nameless(object: KubeObject): object {
  return leaveOut(object, 'apiVersion', 'kind');
}
