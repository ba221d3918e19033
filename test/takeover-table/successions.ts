import { baking, coexist, moved, one, settled, Story, told, two } from './story.ts';

/** Of versions, pins and deletions; by the words of the first column. */
export const SUCCESSIONS: Readonly<Record<string, () => Story>> = {
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
};
