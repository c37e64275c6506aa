// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';

import { Registry } from './registry';

function press(registry: Registry, init: KeyboardEventInit, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  target.addEventListener('keydown', (heard) => registry.press(heard), { once: true });
  target.dispatchEvent(event);
  return event;
}

function one(keys: string, whileTyping = false) {
  const registry = new Registry();
  const run = vi.fn();
  registry.add({ keys, label: keys, group: 'test', run, whileTyping });
  return { registry, run };
}

describe('a shortcut', () => {
  it('does what it stands for, and the browser does not', () => {
    const { registry, run } = one('Ctrl+Shift+H');
    expect(press(registry, { key: 'H', ctrlKey: true, shiftKey: true }).defaultPrevented).toBe(true);
    expect(press(registry, { key: 'h' }).defaultPrevented).toBe(false);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is not meant in a dialog that asks something, unless it counts while somebody types', () => {
    const dialog = document.createElement('div');
    dialog.setAttribute('role', 'dialog');
    const button = dialog.appendChild(document.createElement('button'));
    const hold = one('H');
    press(hold.registry, { key: 'h' }, button);
    expect(hold.run).not.toHaveBeenCalled();
    const hangUp = one('Ctrl+Shift+H', true);
    press(hangUp.registry, { key: 'H', ctrlKey: true, shiftKey: true }, button);
    expect(hangUp.run).toHaveBeenCalledTimes(1);
  });

  it('is not meant while an input method composes', () => {
    const { registry, run } = one('M', true);
    press(registry, { key: 'm', isComposing: true });
    press(registry, { key: 'Process' });
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    press(registry, { key: 'm', keyCode: 229 });
    expect(run).not.toHaveBeenCalled();
    press(registry, { key: 'm' });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is not meant in a text field, unless it says so', () => {
    for (const tag of ['input', 'textarea'] as const) {
      const field = document.createElement(tag);
      document.body.append(field);
      const plain = one('R');
      press(plain.registry, { key: 'r' }, field);
      expect(plain.run).not.toHaveBeenCalled();
      const bold = one('Ctrl+Enter', true);
      press(bold.registry, { key: 'Enter', ctrlKey: true }, field);
      expect(bold.run).toHaveBeenCalledTimes(1);
    }
  });

  it('is written without Shift where the sign itself needs it', () => {
    const { registry, run } = one('?');
    press(registry, { key: '?', shiftKey: true });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is gone with its component, and the one before it counts again', () => {
    const { registry, run } = one('1');
    const later = vi.fn();
    const remove = registry.add({ keys: '1', label: '1', group: 'test', run: later });
    press(registry, { key: '1' });
    remove();
    press(registry, { key: '1' });
    expect(later).toHaveBeenCalledTimes(1);
    expect(run).toHaveBeenCalledTimes(1);
    expect(registry.all()).toHaveLength(1);
  });
});
