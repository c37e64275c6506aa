/** An entry of a call's log; which data it has, its kind tells. */
interface Event {
  kind: string;
  at: string;
  data?: Readonly<Record<string, unknown>> | null;
}

/** Whom somebody is passed to, or asked: what the log has for it. */
export interface Target {
  agent?: string;
  line?: string;
  number?: string;
}

/** Somebody who is asked while the caller waits. */
export interface Consult {
  n: number;
  target: Target;
  isAnswered: boolean;
  /** All three hear each other. */
  isThree: boolean;
}

/** A supervisor who is beside the call, or rung to be. */
export interface Beside {
  agent: string;
  mode: string;
  isThere: boolean;
}

/** How a call stands, by its events. */
export interface Standing {
  /** Since when the caller hears it ring. */
  ringingAt: string | undefined;
  /** One ring, tone and silence together. */
  ringMs: number;
  /** The ring from which on an answer is late. */
  lateRing: number;
  /** The caller has heard more rings than the line allows. */
  isLate: boolean;
  answeredBy: string | undefined;
  answeredAt: string | undefined;
  heldSince: string | undefined;
  mutedSince: string | undefined;
  handIsRaised: boolean;
  isEscalated: boolean;
  isPrivate: boolean;
  isParked: boolean;
  recordingIsPaused: boolean;
  /** The customer hears that the call is recorded; until that has ended nobody is put on hold. */
  noticePlays: boolean;
  consult: Consult | undefined;
  beside: Beside | undefined;
  /** The caller is being passed on. */
  transfer: Target | undefined;
  /** Why the last transfer or consultation came to nothing. */
  failure: string | undefined;
  /** The caller hung up, or the call is over. */
  isOver: boolean;
}

const NOTHING: Standing = {
  ringingAt: undefined,
  ringMs: 0,
  lateRing: 0,
  isLate: false,
  answeredBy: undefined,
  answeredAt: undefined,
  heldSince: undefined,
  mutedSince: undefined,
  handIsRaised: false,
  isEscalated: false,
  isPrivate: false,
  isParked: false,
  recordingIsPaused: false,
  noticePlays: false,
  consult: undefined,
  beside: undefined,
  transfer: undefined,
  failure: undefined,
  isOver: false,
};

/** How a call stands after these events, which come in their order. */
export function standingOf(events: readonly Event[]): Standing {
  return events.reduce(after, NOTHING);
}

function after(now: Standing, { kind, at, data }: Event): Standing {
  switch (kind) {
    case 'ringing':
      return { ...now, ringingAt: at, ...rhythm(data ?? {}) };
    case 'target_missed':
      return { ...now, isLate: true };
    case 'answered':
      return {
        ...now,
        answeredAt: at,
        answeredBy: text(data?.agent),
        isLate: data?.late === true,
        isParked: false,
      };
    case 'held':
      return data?.by === 'agent' ? { ...now, heldSince: at } : now;
    case 'resumed':
      return data?.by === 'agent' ? { ...now, heldSince: undefined } : now;
    case 'transfer_requested':
      return { ...now, transfer: targetOf(data?.target), failure: undefined };
    case 'transfer_ended':
      return { ...now, transfer: undefined, failure: failureOf(data?.result) };
    case 'recording_turned':
      return { ...now, recordingIsPaused: data?.turn === 'paused' };
    case 'notice_started':
      return { ...now, noticePlays: true };
    case 'notice_ended':
      return { ...now, noticePlays: false };
    case 'hung_up':
    case 'ended':
      return { ...now, isOver: true };
    case 'doing':
      return done(now, at, data ?? {});
    default:
      return now;
  }
}

function done(now: Standing, at: string, data: Record<string, unknown>): Standing {
  switch (data.doing) {
    case 'put_on_hold':
      return { ...now, heldSince: at };
    case 'retrieved':
      return { ...now, heldSince: undefined };
    case 'muted':
      return { ...now, mutedSince: at };
    case 'unmuted':
      return { ...now, mutedSince: undefined };
    case 'hand_raised':
      return { ...now, handIsRaised: data.raised === true };
    case 'escalated':
      return { ...now, isEscalated: true };
    case 'marked_private':
      return { ...now, isPrivate: true };
    case 'parked':
      return { ...now, isParked: true };
    case 'park_ended':
      return { ...now, isParked: false };
    default:
      return supervised(consulted(now, data), data);
  }
}

function supervised(now: Standing, data: Record<string, unknown>): Standing {
  const beside = (isThere: boolean) => ({ agent: text(data.supervisor) ?? '', mode: text(data.mode) ?? '', isThere });
  switch (data.doing) {
    case 'supervisor_called':
      return { ...now, beside: beside(false) };
    case 'supervisor_joined':
      return { ...now, beside: beside(true) };
    case 'supervisor_turned':
      return { ...now, beside: beside(now.beside?.isThere ?? true) };
    case 'supervisor_left':
    case 'took_over':
      return { ...now, beside: undefined };
    default:
      return now;
  }
}

function consulted(now: Standing, data: Record<string, unknown>): Standing {
  const { consult } = now;
  switch (data.doing) {
    case 'consult_began': {
      const n = Number(data.consult);
      const asked = { n, target: targetOf(data.target), isAnswered: false, isThree: false };
      return { ...now, consult: asked, failure: undefined };
    }
    case 'consult_answered':
      return { ...now, consult: consult && { ...consult, isAnswered: true } };
    case 'three_joined':
      return { ...now, consult: consult && { ...consult, isThree: true } };
    case 'three_parted':
      return { ...now, consult: consult && { ...consult, isThree: false } };
    case 'consult_ended':
      return { ...now, consult: undefined, failure: failureOf(data.result) };
    default:
      return now;
  }
}

/** How it rings: the event has the whole profile that the answer is graded by. */
function rhythm(data: Record<string, unknown>): Pick<Standing, 'ringMs' | 'lateRing'> {
  const { on_ms, off_ms } = (data.cadence ?? {}) as { on_ms?: number; off_ms?: number };
  const { late_from_ms } = (data.profile ?? {}) as { late_from_ms?: number };
  const ringMs = (on_ms ?? 0) + (off_ms ?? 0);
  if (ringMs === 0) return { ringMs: 0, lateRing: 0 };
  return { ringMs, lateRing: Math.ceil((late_from_ms ?? 0) / ringMs) + 1 };
}

function targetOf(value: unknown): Target {
  return typeof value === 'object' && value !== null ? value : {};
}

const failureOf = (result: unknown) => (result === 'answered' ? undefined : text(result));

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
