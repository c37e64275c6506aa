import { type Span, whatOf } from './lanes';
import { useTexts } from './texts';
import { HOWS } from './words';

/** Gives what happened, in words: what, its number, whose it was, what came of it. */
export function useSpanText(): (span: Span) => string {
  const t = useTexts();
  return (span) => {
    const known = whatOf(span);
    const what = known ? t(`what.${known.name}`) : span.what;
    const how = HOWS.find((name) => name === span.how);
    const side = span.side === 'caller' ? t('side.caller') : span.side === 'agent' ? t('side.agent') : undefined;
    const to = span.to_agent ?? span.to_line ?? span.to_number?.number;
    const parts = [
      span.n == null ? what : t('numbered', { what, n: span.n }),
      side,
      span.who ?? undefined,
      to == null ? undefined : `→ ${to}`,
      how ? t(`how.${how}`) : (span.how ?? undefined),
    ];
    return parts.filter((part) => part !== undefined && part !== '').join(' · ');
  };
}
