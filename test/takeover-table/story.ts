import type { Settings } from '../../shared/settings.ts';
import { TakeoverStage } from '../support/takeover-stage.ts';
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

  /** Nobody looks for so long, and whoever looks first knows it. */
  goAway(): () => void {
    const since = this.now;
    this.isAway = true;
    return () => {
      this.isAway = false;
      this.interruption = { since, until: this.now };
      this.run();
    };
  }

  /** Applies a version whose Pods become ready at once. */
  up(version: string, words: VersionWords = {}): string {
    const name = this.apply(version, words);
    this.ready(name, undefined, words.namespace);
    return name;
  }
}

export type Tell = (story: Story) => void;

export function coexist(): Story {
  return new Story({ upgrade: { strategy: 'coexist', ...TIMES } });
}

/** v1 leads since a minute. */
export function one(story = new Story()): Story {
  story.up('v1');
  story.wait(60_000);
  return story;
}

/** … and v2 is there, whose Pods are not ready. */
export function two(story = one()): Story {
  story.apply('v2');
  story.wait(3000);
  return story;
}

/** … v2 is ready since this moment. */
export function baking(story = two()): Story {
  story.ready('web-a-2');
  return story;
}

/** … v2 leads since five seconds, v1 drains. */
export function moved(story = baking()): Story {
  story.wait(15_000);
  return story;
}

/** … v1 is retired. */
export function settled(story = moved()): Story {
  story.wait(60_000);
  return story;
}

export function told(from: () => Story, tell: Tell): () => Story {
  return () => {
    const story = from();
    tell(story);
    return story;
  };
}
