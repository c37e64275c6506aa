import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '..');

/** A folder's texts, and the code that may use them. */
interface Folder {
  name: string;
  keys: string[];
  /** Texts as they are used: `t('key')`, or the fixed beginning of a key that is put together. */
  used: { key: string; isWhole: boolean }[];
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|\.d\.ts$/.test(path))
  .map((path) => join(SOURCE, path));

function parse(path: string): ts.SourceFile {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true, kind);
}

function walk(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => walk(child, look));
}

/** The keys of `texts('folder', { ... })`. */
function keysOf(path: string): string[] {
  const keys: string[] = [];
  walk(parse(path), (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'texts') return;
    const table = node.arguments[1];
    if (!table || !ts.isObjectLiteralExpression(table)) return;
    for (const property of table.properties) {
      if (property.name && ts.isIdentifier(property.name)) keys.push(property.name.text);
      else if (property.name && ts.isStringLiteral(property.name)) keys.push(property.name.text);
    }
  });
  return keys;
}

/** What a file's `t(...)` names. */
function usedIn(path: string): Folder['used'] {
  const used: Folder['used'] = [];
  walk(parse(path), (node) => {
    if (!ts.isCallExpression(node) || !/^t$|^t[A-Z]\w*$/.test(node.expression.getText())) return;
    const first = node.arguments[0];
    if (first) used.push(...named(first));
  });
  return used;
}

function named(node: ts.Expression): Folder['used'] {
  if (ts.isStringLiteralLike(node)) return [{ key: node.text, isWhole: true }];
  if (ts.isTemplateExpression(node)) return [{ key: node.head.text, isWhole: false }];
  if (ts.isConditionalExpression(node)) return [...named(node.whenTrue), ...named(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return named(node.expression);
  // A variable: the compiler checks that it is a key; it stands for any.
  return [{ key: '', isWhole: false }];
}

const tables = files.filter((path) => basename(path) === 'texts.ts' && !path.endsWith('i18n/texts.ts'));

/** A file's texts are those whose folder it imports them from. */
function usersOf(table: string): string[] {
  return files.filter((path) => {
    const imports = parse(path).statements.filter(ts.isImportDeclaration);
    return imports.some(({ moduleSpecifier: from }) => {
      const target = ts.isStringLiteral(from) ? join(dirname(path), from.text) : '';
      return `${target}.ts` === table;
    });
  });
}

const folders: Folder[] = tables.map((table) => ({
  name: relative(SOURCE, table),
  keys: keysOf(table),
  used: usersOf(table).flatMap(usedIn),
}));

describe('texts', () => {
  it('are found at all', () => {
    expect(folders.length).toBeGreaterThan(3);
    for (const folder of folders) expect(folder.keys, folder.name).not.toHaveLength(0);
  });

  it.each(folders)('of $name are all used', ({ keys, used }) => {
    const isUsed = (key: string) =>
      used.some((use) => (use.isWhole ? use.key === key : use.key && key.startsWith(use.key)));
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it.each(tables.map((path) => [relative(SOURCE, path), path]))(
    'of %s have both languages, and Chinese says it in Chinese',
    (_, path) => {
      const source = readFileSync(path, 'utf8');
      walk(parse(path), (node) => {
        if (!ts.isPropertyAssignment(node) || !ts.isArrayLiteralExpression(node.initializer)) return;
        const [zh, en] = node.initializer.elements;
        expect(zh && ts.isStringLiteralLike(zh) && zh.text.trim(), node.getText()).toBeTruthy();
        expect(en?.getText().replace(/['"`]/g, '').trim(), node.getText()).toBeTruthy();
        if (!node.getText().startsWith('otherLanguage')) expect(en?.getText(), 'no Chinese in the English text').not.toMatch(/\p{Script=Han}/u);
        // The same names are filled in in both.
        const names = (text = '') => [...new Set(text.match(/\{\{\w+\}\}/g))].sort();
        expect(names(en?.getText()), node.getText()).toEqual(names(zh?.getText()));
      });
      expect(source).toContain("texts('");
    },
  );

  // What a person reads goes through the texts: no Chinese stands in the code itself.
  it.each(files.filter((path) => !tables.includes(path)).map((path) => [relative(SOURCE, path), path]))(
    '%s has no words of its own',
    (name, path) => {
      if (name === 'i18n/texts.ts' || name.endsWith('screen.ts')) return;
      walk(parse(path), (node) => {
        if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) {
          expect(node.text).not.toMatch(/\p{Script=Han}/u);
        }
        if (ts.isJsxText(node)) expect(node.text.trim(), 'words in JSX').not.toMatch(/[A-Za-z]{2}/);
      });
    },
  );
});
