import { SHOP } from '../support/takeover-stage.ts';
import { baking, coexist, moved, one, settled, Story, told, two } from './story.ts';

const MAPPING = ['apiVersion: waymark.dev/v1', 'kind: Mapping', 'name: extra', 'prefix: /extra/'].join('\n');

/** Of the whole namespace `shop`: it gives the host away. */
function handOver(story: Story): void {
  const annotations = { 'waymark.dev/hand-over': `${SHOP}=other` };
  story.namespaces.set('shop', { metadata: { name: 'shop', annotations } });
  story.run();
}

/** Of failures, shares, several lines and namespaces, and of the controller itself; by the words of the first column. */
export const CIRCUMSTANCES: Readonly<Record<string, () => Story>> = {
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
    const comeBack = story.goAway();
    story.up('v2');
    story.wait(60_000);
    comeBack();
    story.wait(1000);
  }),
  'the controller is down from before the move until long after': told(baking, story => {
    story.wait(5000);
    const comeBack = story.goAway();
    story.wait(600_000);
    comeBack();
    story.wait(2000);
  }),
  'the controller is down while a version drains': told(moved, story => {
    const comeBack = story.goAway();
    story.wait(600_000);
    comeBack();
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
