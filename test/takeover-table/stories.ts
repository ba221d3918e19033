import type { Settings } from '../../shared/settings.ts';
import { SHOP, TakeoverStage } from '../support/takeover-stage.ts';
import type { VersionWords } from '../support/takeover-stage.ts';

/** Different ones, so that it can be told which of them is waited for. */
const TIMES = { bake: 10_000, drain: 20_000 };

/** What the controller does, or does not while it is away: everything else goes on. */
export class Story extends TakeoverStage {
  isAway = false;

  constructor(settings: Partial<Settings> = {}) {
    super({ upgrade: { strategy: 'replace', ...TIMES }, ...settings });
  }

  /** How often somebody looked at the cluster. */
  looks = 0;

  override run(): void {
    if (this.isAway) return;
    this.looks++;
    super.run();
  }

  /** Applies a version whose Pods become ready at once. */
  up(version: string, words: VersionWords = {}): string {
    const name = this.apply(version, words);
    this.ready(name, undefined, words.namespace);
    return name;
  }
}

type Tell = (story: Story) => void;

function coexist(): Story {
  return new Story({ upgrade: { strategy: 'coexist', ...TIMES } });
}

/** v1 leads since a minute. */
function one(story = new Story()): Story {
  story.up('v1');
  story.wait(60_000);
  return story;
}

/** … and v2 is there, whose Pods are not ready. */
function two(story = one()): Story {
  story.apply('v2');
  story.wait(3000);
  return story;
}

/** … v2 is ready since this moment. */
function baking(story = two()): Story {
  story.ready('web-a-2');
  return story;
}

/** … v2 leads since five seconds, v1 drains. */
function moved(story = baking()): Story {
  story.wait(15_000);
  return story;
}

/** … v1 is retired. */
function settled(story = moved()): Story {
  story.wait(60_000);
  return story;
}

function told(from: () => Story, tell: Tell): () => Story {
  return () => {
    const story = from();
    tell(story);
    return story;
  };
}

const MAPPING = ['apiVersion: waymark.dev/v1', 'kind: Mapping', 'name: extra', 'prefix: /extra/'].join('\n');

/** Of the whole namespace `shop`: it gives the host away. */
function handOver(story: Story): void {
  const annotations = { 'waymark.dev/hand-over': `${SHOP}=other` };
  story.namespaces.set('shop', { metadata: { name: 'shop', annotations } });
  story.run();
}

/** By the words of the first column. */
export const STORIES: Readonly<Record<string, () => Story>> = {
  'the first version is applied and not ready': told(
    () => new Story(),
    story => {
      story.apply('v1');
      story.wait(3000);
    },
  ),
  'the first version is ready': one,
  'a newer version is not ready': two,
  'a newer version never becomes ready': told(two, story => story.wait(86_400_000)),
  'a newer version is ready': baking,
  'a newer version loses a Pod while it bakes': told(baking, story => {
    story.wait(9000);
    story.ready('web-a-2', 1);
  }),
  'a newer version has its lost Pod back': told(baking, story => {
    story.wait(9000);
    story.ready('web-a-2', 1);
    story.wait(1000);
    story.ready('web-a-2');
  }),
  'an annotation is edited while a newer version bakes': told(baking, story => {
    story.wait(7000);
    story.annotate('web-a-2', 'team', 'a');
  }),
  'the Pod template is edited while a newer version bakes': told(baking, story => {
    story.wait(7000);
    story.retemplate('web-a-2', 'img:again');
    story.ready('web-a-2');
  }),
  'a newer version has been ready for `bake`': moved,
  '`bake` and `drain` are over': settled,
  'two versions are created in the same second': told(
    () => new Story(),
    story => {
      story.apply('v10');
      story.apply('v9');
      story.ready('web-a-10');
      story.ready('web-a-9');
      story.wait(60_000);
    },
  ),
  'a third version comes while the second bakes': told(baking, story => {
    story.wait(5000);
    story.up('v3');
    story.wait(2000);
  }),
  'three versions in quick succession have settled': told(baking, story => {
    story.wait(5000);
    story.up('v3');
    story.wait(3_600_000);
  }),
  'a retired version is scaled up by hand': told(settled, story => {
    story.scale('web-a-1', 3);
    story.ready('web-a-1');
    story.wait(2000);
  }),
  'the strategy is coexist': told(coexist, story => settled(baking(two(one(story))))),

  'an older version that is up is pinned': told(moved, story => {
    story.pin('web-a-1');
    story.wait(2000);
  }),
  'a retired version is pinned': told(settled, story => {
    story.pin('web-a-1');
    story.wait(2000);
  }),
  'a pinned version that was retired is ready again': told(settled, story => {
    story.pin('web-a-1');
    story.ready('web-a-1');
    story.wait(5000);
  }),
  'a pin is taken away': told(settled, story => {
    story.pin('web-a-1');
    story.ready('web-a-1');
    story.wait(60_000);
    story.pin('web-a-1', false);
    story.wait(3_600_000);
  }),
  'a still newer version comes after a pin was taken away': told(settled, story => {
    story.pin('web-a-1');
    story.ready('web-a-1');
    story.wait(60_000);
    story.pin('web-a-1', false);
    story.up('v3');
    story.wait(60_000);
  }),
  'a newer version is ready while another one is pinned': told(two, story => {
    story.pin('web-a-1');
    story.ready('web-a-2');
    story.wait(60_000);
  }),
  'two versions are pinned': told(two, story => {
    story.pin('web-a-1');
    story.ready('web-a-2');
    story.pin('web-a-2');
    story.wait(60_000);
  }),

  'the leader is deleted and an older version is up': told(moved, story => {
    story.remove('web-a-2');
    story.wait(2000);
  }),
  'the leader is deleted and the others are retired': told(settled, story => {
    story.remove('web-a-2');
    story.wait(2000);
  }),
  'the restored version is ready': told(settled, story => {
    story.remove('web-a-2');
    story.ready('web-a-1');
    story.wait(60_000);
  }),
  'a retired version is deleted and created again': told(settled, story => {
    story.remove('web-a-1');
    story.up('v1');
    story.wait(60_000);
  }),
  'the last version is deleted': told(one, story => story.remove('web-a-1')),
  'the last version is deleted and `hostHold` lasts': told(
    () => one(new Story({ hostHold: 60_000 })),
    story => {
      story.remove('web-a-1');
      story.up('v1', { namespace: 'other', model: 'b' });
      story.wait(30_000);
    },
  ),
  '`hostHold` has passed': told(
    () => one(new Story({ hostHold: 60_000 })),
    story => {
      story.remove('web-a-1');
      story.up('v1', { namespace: 'other', model: 'b' });
      story.wait(62_000);
    },
  ),

  'the new leader loses a Pod within `bake` of the move': told(moved, story => {
    story.ready('web-a-2', 1);
    story.wait(2000);
  }),
  'a version that was rolled back is ready again': told(moved, story => {
    story.ready('web-a-2', 1);
    story.ready('web-a-2');
    story.wait(3_600_000);
  }),
  'the Pod template of a version that was rolled back is edited': told(moved, story => {
    story.ready('web-a-2', 0);
    story.retemplate('web-a-2', 'img:fixed');
    story.ready('web-a-2');
    story.wait(3000);
  }),
  'a version that was rolled back is pinned': told(moved, story => {
    story.ready('web-a-2', 0);
    story.ready('web-a-2');
    story.pin('web-a-2');
    story.wait(3000);
  }),
  'the new leader is scaled down within `bake` of the move': told(moved, story => {
    story.scale('web-a-2', 1);
    story.wait(1000);
  }),
  'a leader loses a Pod later than that, before the older one is retired': told(moved, story => {
    story.wait(6000);
    story.ready('web-a-2', 1);
    story.wait(60_000);
  }),
  'a leader has no endpoint any more and another version is up': told(
    () => settled(baking(two(one(coexist())))),
    story => {
      story.ready('web-a-2', 0);
      story.wait(2000);
    },
  ),
  'a leader has no endpoint any more and the others are retired': told(settled, story => {
    story.ready('web-a-2', 0);
    story.wait(2000);
  }),
  'the leader is scaled to zero by its team': told(
    () => settled(baking(two(one(coexist())))),
    story => {
      story.scale('web-a-2', 0);
      story.wait(2000);
    },
  ),

  'the leader’s split names the version before it': told(two, story => {
    story.apply('v2', { lines: ['split: {web-a-1: 20}'] });
    story.ready('web-a-2');
    story.wait(60_000);
  }),
  'the split is taken out': told(two, story => {
    story.apply('v2', { lines: ['split: {web-a-1: 20}'] });
    story.ready('web-a-2');
    story.wait(60_000);
    story.apply('v2');
    story.wait(2000);
  }),
  'a mirror on another host names it': told(two, story => {
    story.up('v1', { model: 'z', hosts: ['z.example.com'], lines: ['mirror: {web-a-1: 5}'] });
    story.ready('web-a-2');
    story.wait(60_000);
  }),
  'it still leads another host': told(
    () => new Story(),
    story => {
      story.up('v1', { hosts: [SHOP, 'second.example.com'] });
      story.wait(5000);
      story.up('v2');
      story.wait(60_000);
    },
  ),
  'a target of the split has no ready endpoint': told(
    () => new Story(),
    story => {
      story.apply('v1', { model: 'b', hosts: [] });
      story.up('v1', { lines: ['split: {web-b-1: 20}'] });
      story.wait(5000);
    },
  ),
  'a target of the split is ready': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b', hosts: [] });
      story.up('v1', { lines: ['split: {web-b-1: 20}'] });
      story.wait(5000);
    },
  ),
  'a leader with a split is not up, and no other version is': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b', hosts: [] });
      story.apply('v1', { lines: ['split: {web-b-1: 20}'] });
      story.wait(5000);
    },
  ),

  'two lines with nothing between them': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b' });
      story.wait(2000);
      story.up('v1');
      story.wait(60_000);
    },
  ),
  'a younger line gives the older one a share, and bakes': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b' });
      story.wait(2000);
      story.up('v1', { lines: ['split: {web-b-1: 50}'] });
      story.wait(3000);
    },
  ),
  'a younger line that gives the older one a share has baked': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b' });
      story.wait(2000);
      story.up('v1', { lines: ['split: {web-b-1: 50}'] });
      story.wait(3_600_000);
    },
  ),
  'a younger line has paths of its own': told(
    () => new Story(),
    story => {
      story.up('v1', { model: 'b' });
      story.wait(2000);
      story.up('v1', { mappings: [MAPPING] });
      story.wait(60_000);
    },
  ),

  'the leader is paused and a newer version is ready': told(two, story => {
    story.annotate('web-a-1', 'waymark.dev/paused', 'true');
    story.ready('web-a-2');
    story.wait(60_000);
  }),
  'the version to retire is paused': told(moved, story => {
    story.annotate('web-a-1', 'waymark.dev/paused', 'true');
    story.wait(3_600_000);
  }),
  'the text of the leader gets an error': told(one, story => {
    story.apply('v1', { lines: ['hpa: cpu:50%'] });
    story.wait(2000);
  }),

  'another namespace asks for the host': told(one, story => {
    story.up('v1', { namespace: 'other', model: 'b' });
    story.wait(5000);
  }),
  'the owner hands over, and the other side is not ready': told(one, story => {
    story.apply('v1', { namespace: 'other', model: 'b' });
    handOver(story);
    story.wait(5000);
  }),
  'the owner hands over, and the other side is ready': told(one, story => {
    story.up('v1', { namespace: 'other', model: 'b' });
    handOver(story);
    story.wait(5000);
  }),

  'our watches were interrupted while a newer version bakes': told(baking, story => {
    story.wait(9000);
    story.interruption = { since: story.now, until: story.now + 500 };
    story.wait(1500);
  }),
  'our watches are interrupted': told(baking, story => {
    story.wait(9000);
    story.interruption = { since: story.now };
    story.wait(60_000);
  }),
  'our watches were interrupted while a version drains': told(moved, story => {
    story.interruption = { since: story.now, until: story.now + 500 };
    story.wait(1500);
  }),
  'a newer version comes and is ready while the controller is down': told(one, story => {
    story.isAway = true;
    story.up('v2');
    story.wait(60_000);
    story.isAway = false;
    story.run();
    story.wait(1000);
  }),
  'the controller is down from before the move until long after': told(baking, story => {
    story.wait(5000);
    story.isAway = true;
    story.wait(600_000);
    story.isAway = false;
    story.run();
    story.wait(2000);
  }),
  'the controller is down while a version drains': told(moved, story => {
    story.isAway = true;
    story.wait(600_000);
    story.isAway = false;
    story.run();
    story.wait(2000);
  }),
  'the API server’s clock goes back by an hour while a newer version bakes': told(baking, story => {
    story.wait(5000);
    story.now -= 3_600_000;
    story.run();
    story.wait(60_000);
  }),
  'the API server’s clock goes ahead by an hour while a newer version bakes': told(baking, story => {
    story.wait(5000);
    story.now += 3_600_000;
    story.run();
    story.wait(3000);
  }),
};
