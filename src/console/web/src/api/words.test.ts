import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const WEB = join(import.meta.dirname, '..');
const SERVICE = join(WEB, '../../../..');

/** The words of an enumeration of the service's, as it writes them. */
function wordsOf(file: string, name: string): string[] {
  const source = readFileSync(join(SERVICE, file), 'utf8');
  // Some are made by a macro, by their names alone.
  const forms = [`enum ${name}`, `\\b${name}`].map((form) => new RegExp(`${form} \\{\\n([^]*?)\\n {0,4}\\}\\n`).exec(source));
  const body = forms.find((found) => found !== null)?.[1] ?? '';
  const lines = body.split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.flatMap((line) => {
    const variant = new RegExp(`^ {${depth}}([A-Z]\\w*)`).exec(line)?.[1];
    return variant === undefined ? [] : [variant.replaceAll(/(?!^)[A-Z]/g, '_$&').toLowerCase()];
  });
}

/** Words that match in what the service's files say. */
function wordsIn(folders: readonly string[], pattern: RegExp): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(SERVICE, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.rs'))
      .map((file) => readFileSync(join(SERVICE, folder, file), 'utf8').split('#[cfg(test)]')[0] ?? ''),
  );
  const found = files.flatMap((source) => [...source.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(found)].sort();
}

const read = (file: string) => readFileSync(join(WEB, file), 'utf8');

/** Each word has a text, and stands in the list that the code finds it by. */
function expectTexts(words: readonly string[], texts: string, key: string, list: string): void {
  expect(words).not.toHaveLength(0);
  const table = read(texts);
  const code = read(list);
  const lacks = words.filter((word) => !table.includes(`'${key}${word}':`) || !new RegExp(`\\b${word}\\b`).test(code));
  expect(lacks, `${texts} and ${list}`).toEqual([]);
}

const EVENT = 'src/call/event.rs';
const DOING = 'src/call/doing.rs';
const SPOKEN = 'src/call/spoken.rs';

type Case = [name: string, file: string, texts: string, key: string, list: string];

/** What can come of things, each of which the time line may show. */
const HOWS: Case[] = [
  ...['AttemptResult', 'TransferResult', 'TransferKind', 'Outcome', 'HangupParty', 'RecordingTurn', 'GapCause'].map(how(EVENT)),
  ...['ConsultEnd', 'SuperviseMode', 'QualityOffer'].map(how(DOING)),
  ...['PromptPurpose', 'KeyResult', 'MessageEnding', 'SurveyResult'].map(how(SPOKEN)),
  how('src/rules/pickup.rs')('Grade'),
  how('src/rules/stage.rs')('Stage'),
];

function how(file: string): (name: string) => Case {
  return (name) => [name, file, 'replay/texts.ts', 'how.', 'replay/words.ts'];
}

describe('what the service can say has words in both languages', () => {
  it.each<Case>([
    ['Outcome', EVENT, 'calls/texts.ts', 'outcome.', 'calls/words.ts'],
    ['Grade', 'src/rules/pickup.rs', 'calls/texts.ts', 'grade.', 'calls/words.ts'],
    ['Direction', EVENT, 'calls/texts.ts', 'direction.', 'calls/words.ts'],
    ['HangupParty', EVENT, 'calls/texts.ts', 'party.', 'calls/words.ts'],
    ['CallFlag', 'src/store/call_filter.rs', 'calls/texts.ts', 'flag.', 'calls/words.ts'],
    ['What', 'src/call/timeline/mod.rs', 'replay/texts.ts', 'what.', 'replay/lanes.ts'],
    ...HOWS,
    ['HangUpReason', DOING, 'callbar/texts.ts', 'hangUp.', 'callbar/HangUp.tsx'],
    ['Stage', 'src/rules/stage.rs', 'attention/texts.ts', 'stage.', 'attention/useAttentionText.ts'],
    ['Attention', 'src/call/attention.rs', 'attention/texts.ts', 'call.', 'events/kinds.ts'],
    ['IncidentKind', 'src/rules/incident.rs', 'attention/texts.ts', 'incident.', 'incidents/kinds.ts'],
    ['IncidentKind', 'src/rules/incident.rs', 'incidents/texts.ts', 'kind.', 'incidents/kinds.ts'],
    ['CallState', 'src/call/state.rs', 'floor/texts.ts', 'call.', 'floor/CallState.tsx'],
    ['SuperviseMode', DOING, 'floor/texts.ts', 'beside.', 'supervision/modes.ts'],
    ['AgentState', 'src/queue/state.rs', 'agents/texts.ts', 'state.', 'agents/states.ts'],
    ['Occasion', 'src/rules/script/mod.rs', 'script/texts.ts', 'moment.', 'script/Script.tsx'],
    ['Role', 'src/rules/role.rs', 'users/texts.ts', 'role.', 'users/roles.ts'],
    ['TaskKind', 'src/store/task.rs', 'tasks/texts.ts', 'kind.', 'tasks/TaskEntry.tsx'],
    ['TaskResult', 'src/store/task.rs', 'tasks/texts.ts', 'result.', 'tasks/TaskEntry.tsx'],
    ['LostReason', 'src/call/record/lost.rs', 'tasks/texts.ts', 'reason.', 'tasks/TaskEntry.tsx'],
    ['Condition', 'src/http/vitals.rs', 'health/texts.ts', 'condition.', 'health/ConditionTag.tsx'],
  ])('%s of %s', (name, file, texts, key, list) => {
    expectTexts(wordsOf(file, name), texts, key, list);
  });

  it('results of a transfer that came back', () => {
    const failed = wordsOf(EVENT, 'TransferResult').filter((word) => word !== 'answered');
    expectTexts(failed, 'desk/texts.ts', 'failed.', 'desk/Back.tsx');
  });

  it('reasons of tasks', () => {
    const reasons = wordsIn(['src/store'], /^\s+reason: "([a-z_]+)"/gm);
    expectTexts(reasons, 'tasks/texts.ts', 'reason.', 'tasks/TaskEntry.tsx');
  });

  it('codes of problems', () => {
    const codes = [
      ...wordsIn(['src/http'], /\.coded\(\s*"([a-z_]+)"/g),
      ...wordsIn(['src/http'], /conflict\(&error, "([a-z_]+)"\)/g),
      ...wordsIn(['src/http'], /StatusCode::\w+, "([a-z_]+)"\)/g),
    ];
    // `forbidden` is told by its status.
    const own = codes.filter((code) => code !== 'forbidden');
    expectTexts(own, 'api/texts.ts', 'title.', 'api/useProblemText.ts');
    expectTexts(own, 'api/texts.ts', 'advice.', 'api/useProblemText.ts');
  });

  it('actions of the audit log', () => {
    const actions = wordsIn(['src/http', 'src/store', 'src/archive', 'src/access', 'src/cli', 'src/app'], /(?:AuditEntry::of_\w+\(|audited\(&mut tx,|audit\(&api,|let action =)\s*"([a-z]+\.[a-z_]+)"/g);
    expect(actions.length).toBeGreaterThan(20);
    expectTexts(actions, 'audit/texts.ts', 'action.', 'audit/useActionName.ts');
  });

  it('kinds of events', () => {
    const kinds = wordsIn(['src/http'], /\bpush\(&?frames, "([a-z]+)"/g);
    const told = [...kinds, ...wordsIn(['src/http'], /\bpush\(\s+&\w+(?:\.\w+(?:\(\))?)*,\s+"([a-z]+)"/g)];
    expect(told).toContain('incident');
    const code = read('events/kinds.ts');
    expect(told.filter((kind) => !code.includes(`  '${kind}',`))).toEqual([]);
  });
});
