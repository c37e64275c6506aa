import { theme } from 'antd';

import type { Schema } from '../api/types';
import styles from './replay.module.css';
import { HEAD, OURS, ROW, arrowOf, columnAt } from './rungs';
import { useTexts } from './texts';

type Message = Schema<'TraceMessage'>;
type Peer = Schema<'TracePeer'>;

interface Props {
  peers: readonly Peer[];
  messages: readonly Message[];
  onShow: (message: Message) => void;
}

/** The ladder itself. */
export function Rungs({ peers, messages, onShow }: Props) {
  const t = useTexts();
  const { token } = theme.useToken();
  const width = Math.max(OURS, columnAt(peers.length - 1)) + 120;
  const height = HEAD + messages.length * ROW + 12;
  const columns = [{ x: OURS, address: 'thirdring', name: '' }, ...peers.map((peer, n) => ({ ...peer, x: columnAt(n) }))];
  return (
    <div className={styles.ladder} role="region" aria-label={t('ladder')} tabIndex={0}>
      <svg width={width} height={height} fill={token.colorText} fontSize={12}>
        {columns.map(({ x, address, name }) => (
          <g key={x} textAnchor="middle">
            <text x={x} y={16} fontWeight={600}>
              {address}
            </text>
            <text x={x} y={34}>
              {name}
            </text>
            <line x1={x} x2={x} y1={42} y2={height} stroke={token.colorTextTertiary} />
          </g>
        ))}
        {messages.map((message, n) => (
          <Rung key={message.n} message={message} y={HEAD + n * ROW} width={width} onShow={onShow} />
        ))}
      </svg>
    </div>
  );
}

interface RungProps {
  message: Message;
  y: number;
  width: number;
  onShow: (message: Message) => void;
}

function Rung({ message, y, width, onShow }: RungProps) {
  const t = useTexts();
  const { token } = theme.useToken();
  const { from, to, middle } = arrowOf(message.way, message.peer);
  const back = to > from ? -7 : 7;
  const line = y + 24;
  const words = `${message.what}${message.sdp ? ' (SDP)' : ''}${message.repeats == null ? '' : ` ${t('repeats', { n: message.repeats })}`}`;
  const isError = /^[4-6]\d\d /.test(message.what);
  const colour = isError ? token.colorErrorText : token.colorText;
  const show = () => onShow(message);
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={t('message', { n: message.n, what: words })}
      className={styles.ladderRow}
      onClick={show}
      onKeyDown={({ key }) => (key === 'Enter' || key === ' ') && show()}
    >
      <rect x={0} y={y} width={width} height={ROW} fill="transparent" />
      <text x={8} y={line} className="figures">
        {message.n}
      </text>
      <text x={40} y={line} className="figures">
        {`${message.since_ms < 0 ? '−' : '+'}${(Math.abs(message.since_ms) / 1000).toFixed(3)}`}
      </text>
      <text x={middle} y={line - 6} textAnchor="middle" fill={colour}>
        {words.length > 29 ? `${words.slice(0, 28)}…` : words}
      </text>
      <line x1={from} x2={to} y1={line} y2={line} stroke={colour} strokeWidth={1.5} />
      <path d={`M ${to} ${line} l ${back} -4 v 8 z`} fill={colour} />
    </g>
  );
}
