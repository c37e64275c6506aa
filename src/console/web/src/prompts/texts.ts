import { texts } from '../i18n/texts';

export const useTexts = texts('prompts', {
  title: ['提示音', 'Prompts'],
  advice: [
    '上传 WAV 文件，文件名即线路设置中使用的名称；同名文件会被替换，新来电即听到新的。',
    'Send a WAV file: its name is what lines write. One of the same name is replaced, and calls that come from now on hear the new one.',
  ],
  upload: ['上传 WAV', 'Send a WAV'],
  taken: ['{{name}} 已上传（{{length}}）', '{{name}} is there ({{length}})'],
  refused: ['{{title}} {{detail}}', '{{title}}. {{detail}}'],
  name: ['名称', 'Name'],
  listen: ['试听', 'Listen'],
  lines: ['使用的线路', 'Lines that play it'],
  size: ['大小', 'Size'],
  kb: ['{{kb}} KB', '{{kb}} KB'],
  writtenAt: ['上传时间', 'Written'],
  action: ['操作', 'Action'],
  used: ['使用中', 'In use'],
  remove: ['删除', 'Delete'],
  removeOne: ['删除 {{name}}', 'Delete {{name}}'],
  removeAsk: ['删除 {{name}}？', 'Delete {{name}}?'],
  removed: ['已删除', 'It is gone'],
  empty: ['还没有提示音', 'There is no prompt yet'],
});
