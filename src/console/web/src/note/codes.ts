import type { Schema } from '../api/types';
import type { Language } from '../i18n/languages';

type Code = Schema<'Code'>;

/** What people read for a code, or for whatever else has a name in both languages. */
export function nameOf(code: { name: string; name_en?: string | null }, language: Language): string {
  return language === 'en' ? (code.name_en ?? code.name) : code.name;
}

/** What people read for a field of a form. */
export function labelOf({ label, label_en }: Schema<'Field'>, language: Language): string {
  return language === 'en' ? (label_en ?? label) : label;
}

/** What people read for a value that can be chosen. */
export function choiceOf(value: string, { choice_names }: Schema<'Field'>, language: Language): string {
  const found = choice_names.find((choice) => choice.value === value);
  return found ? nameOf(found, language) : value;
}

/** A code, the one that it is a kind of, and so on up. */
export function withKinds(code: string | undefined, tree: readonly Code[]): string[] {
  const found = tree.find((known) => known.code === code);
  if (!found) return [];
  // The tree has each code after its parent, so this comes to an end.
  const before = tree.slice(0, tree.indexOf(found));
  return [found.code, ...withKinds(found.parent ?? undefined, before)];
}

/** What can be chosen: no code that is retired, or a kind of one that is; what is chosen already stays in sight. */
export function offered(tree: readonly Code[], chosen: string | undefined): Code[] {
  const isOut = (code: string) =>
    withKinds(code, tree).some((kind) => tree.some((known) => known.code === kind && known.retired));
  const kept = withKinds(chosen, tree);
  return tree.filter(({ code }) => kept.includes(code) || !isOut(code));
}

/** The fields of a form that belong to a purpose. */
export function fieldsFor(purpose: string | undefined, codes: Schema<'Codes'>): Schema<'Field'>[] {
  const kinds = withKinds(purpose, codes.purposes);
  return codes.fields.filter(
    ({ purposes }) => purposes.length === 0 || purposes.some((wanted) => kinds.includes(wanted)),
  );
}
