import { useEffect } from 'react';

/** What a notification of the browser's says. */
export interface Notice {
  title: string;
  body: string;
  /** One of the same tag takes the place of the last. */
  tag: string;
}

/**
 * Shows a notification of the browser's while the page is not looked at, where the user allowed
 * it. A click on it brings the page up; the focus within the page stays where it is.
 */
export function useNotice(notice: Notice | undefined): void {
  const { title, body, tag } = notice ?? {};
  useEffect(() => {
    if (title === undefined || mayNotify() !== 'granted' || document.hasFocus()) return undefined;
    const shown = new Notification(title, { body: body ?? '', tag: tag ?? title });
    shown.onclick = () => window.focus();
    return () => shown.close();
  }, [title, body, tag]);
}

/** Whether notifications may be shown; a browser without them denies. */
export function mayNotify(): NotificationPermission {
  return 'Notification' in window ? Notification.permission : 'denied';
}

/** Asks the user whether notifications may be shown; to be called by a click of his. */
export async function askForNotices(): Promise<NotificationPermission> {
  return 'Notification' in window ? Notification.requestPermission() : 'denied';
}
