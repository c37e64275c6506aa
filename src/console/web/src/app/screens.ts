import type { ComponentType } from 'react';

import type { Pair } from '../i18n/texts';
import type { Right } from '../session/context';

/** A screen of the console. Each folder's `screen.ts` exports its own as `screen` or `screens`. */
export interface Screen {
  /** Where it is: `/desk`. Below it the screen may have routes of its own. */
  path: string;
  /** What the navigation calls it. */
  title: Pair;
  /** Its place in the navigation: lower is further up. */
  order: number;
  /** Under which heading; the first screens have none. */
  group?: 'quality' | 'admin';
  icon: ComponentType<{ 'aria-hidden'?: boolean }>;
  /** Who sees it: whoever may do one of these. */
  needs: readonly Right[];
  /** Not in the navigation: reached from elsewhere. */
  isHidden?: boolean;
  /** Its code, which is loaded when somebody goes there. */
  load: () => Promise<{ default: ComponentType }>;
}

interface Module {
  screen?: Screen;
  screens?: readonly Screen[];
}

const modules = import.meta.glob<Module>('../**/screen.ts', { eager: true });

/** All screens, in the navigation's order. */
export const screens: readonly Screen[] = Object.values(modules)
  .flatMap((module) => [...(module.screen ? [module.screen] : []), ...(module.screens ?? [])])
  .sort((one, other) => one.order - other.order);

/** Whether somebody with these rights sees the screen. */
export function isFor(screen: Screen, may: readonly string[]): boolean {
  return screen.needs.some((right) => may.includes(right));
}

/** The screen that somebody with these rights begins with. */
export function firstFor(may: readonly string[]): Screen | undefined {
  const mine = screens.filter((screen) => isFor(screen, may));
  return mine.find((screen) => !screen.isHidden) ?? mine.at(-1);
}
