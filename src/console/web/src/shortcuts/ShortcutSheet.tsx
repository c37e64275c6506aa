import { Flex, Modal, Tag, Typography } from 'antd';
import { useEffect, useState, useSyncExternalStore } from 'react';

import { registry } from './registry';
import { useTexts } from './texts';
import { useShortcut } from './useShortcut';

/** Listens to the keyboard, and shows by `?` what the keys do on this page. */
export function ShortcutSheet() {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const shortcuts = useSyncExternalStore(registry.watch, registry.all);
  useEffect(() => {
    const press = (event: KeyboardEvent) => registry.press(event);
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  useShortcut({ keys: '?', label: t('sheet'), group: t('everywhere'), run: () => setOpen((is) => !is) });

  const groups = [...new Set(shortcuts.map((shortcut) => shortcut.group))];
  return (
    <Modal open={isOpen} onCancel={() => setOpen(false)} footer={null} title={t('title')}>
      {groups.map((group) => (
        <section key={group}>
          <Typography.Title level={2} style={{ fontSize: 14 }}>
            {group}
          </Typography.Title>
          <Flex vertical gap={6} component="dl" style={{ margin: 0 }}>
            {shortcuts
              .filter((shortcut) => shortcut.group === group)
              .map(({ keys, label }) => (
                <Flex key={`${keys} ${label}`} justify="space-between">
                  <dt>{label}</dt>
                  <dd style={{ margin: 0 }}>
                    {keys.split('+').map((key) => (
                      <Tag key={key} className="mono">
                        {key}
                      </Tag>
                    ))}
                  </dd>
                </Flex>
              ))}
          </Flex>
        </section>
      ))}
      <Typography.Paragraph type="secondary" style={{ marginTop: 16, marginBottom: 0 }}>
        {t('note')}
      </Typography.Paragraph>
    </Modal>
  );
}
